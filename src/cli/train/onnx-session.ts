/** Runs a freshly written ONNX model in the runtime that will serve it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { nodeOnnxRuntime } from '../../adapters/onnx-runtime-node.ts'

export interface OnnxSession {
  /** The model's output for rows of `width` float32 numbers, one number a row. */
  run(rows: Float32Array, width: number): Promise<Float32Array>
  release(): Promise<void>
}

/** Opens a model with one FP32 input and one FP32 output of one column. */
export const openOnnx = async (model: Uint8Array): Promise<OnnxSession> => {
  const wasm = createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')
  const session = await nodeOnnxRuntime(readFileSync(wasm)).open(model)
  const [input] = session.inputs
  const [output] = session.outputs
  return {
    async run(rows, width) {
      const tensor = { datatype: 'FP32', shape: [rows.length / width, width], data: rows } as const
      const { data } = (await session.run({ [input.name]: tensor }, [output.name]))[output.name]
      if (!(data instanceof Float32Array)) throw new Error(`expected FP32 from the output ${output.name}`)
      return data
    },
    release: () => session.release(),
  }
}
