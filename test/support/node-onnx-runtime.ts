/** ONNX Runtime for tests that run in Node. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { nodeOnnxRuntime } from '../../src/adapters/onnx-runtime-node.ts'

const wasm = createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')

export const onnxRuntime = nodeOnnxRuntime(readFileSync(wasm))
