/** What the bundler makes of files that are not JavaScript. */
declare module '*.onnx' {
  const bytes: ArrayBuffer
  export default bytes
}

declare module '*.wasm' {
  const module: WebAssembly.Module
  export default module
}
