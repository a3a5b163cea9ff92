/** Starts onnxruntime-web in Node: the same JavaScript and the same WebAssembly as in the Worker. */
import { env } from 'onnxruntime-web/wasm'
import type { ModelRuntime } from '../serving/ports.ts'
import { openSession } from './onnx-session.ts'

/** `wasm`: the bytes of `onnxruntime-web/ort-wasm-simd-threaded.wasm`. ORT starts with the first `open`. */
export const nodeOnnxRuntime = (wasm: Uint8Array): ModelRuntime => {
  env.wasm.wasmBinary = wasm
  env.wasm.numThreads = 1
  env.logLevel = 'fatal'
  return { open: openSession }
}
