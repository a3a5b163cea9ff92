/** The runtime that serves, for commands: onnxruntime-web in Node. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { env } from 'onnxruntime-web/wasm'
import { nodeOnnxRuntime } from '../../adapters/onnx-runtime-node.ts'
import type { ModelRuntime } from '../../serving/ports.ts'

let runtime: ModelRuntime | undefined

/** Reads ORT's WebAssembly the first time it is asked for. */
export const offlineRuntime = (): ModelRuntime => {
  runtime ??= nodeOnnxRuntime(
    readFileSync(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')),
  )
  return runtime
}

/** For example `onnxruntime-web 1.30.0`. */
export const runtimeName = (): string => `onnxruntime-web ${env.versions.web ?? env.versions.common}`
