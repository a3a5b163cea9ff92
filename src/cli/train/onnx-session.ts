/** Runs a freshly written ONNX model in onnxruntime-web, which is what will serve it. */
import { env, InferenceSession, Tensor } from 'onnxruntime-web'

export interface OnnxSession {
  /** The first output for rows of `width` float32 numbers, one number a row. */
  run(rows: Float32Array, width: number): Promise<Float32Array>
  release(): Promise<void>
}

/** Opens a model with one input and one output. One thread, so that the same rows give the same bits. */
export const openOnnx = async (model: Uint8Array): Promise<OnnxSession> => {
  env.wasm.numThreads = 1
  const session = await InferenceSession.create(model, { executionProviders: ['wasm'] })
  const [input] = session.inputNames
  const [output] = session.outputNames
  return {
    async run(rows, width) {
      const results = await session.run({ [input]: new Tensor('float32', rows, [rows.length / width, width]) })
      const { data } = results[output]
      if (!(data instanceof Float32Array)) throw new Error(`expected FP32 from the output ${output}`)
      return data
    },
    release: () => session.release(),
  }
}
