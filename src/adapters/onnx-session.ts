/** A graph opened by onnxruntime-web, as the session the middle knows; the same in workerd and in Node. */
import { InferenceSession } from 'onnxruntime-web/wasm'
import { Failure } from '../core/failure.ts'
import type { ModelSession } from '../serving/ports.ts'
import { datatypeOf, fromOrtTensor, toOrtTensor } from './onnx-tensors.ts'

/** `logSeverityLevel` 4 is fatal only: what goes wrong is thrown and reported by the caller, not printed by the graph. */
export const SESSION_OPTIONS: InferenceSession.SessionOptions = { executionProviders: ['wasm'], logSeverityLevel: 4 }

let lastCall: Promise<unknown> = Promise.resolve()

/**
 * Calls into ORT one after the other. `run` suspends between its inputs with its arguments on the one WebAssembly stack, so a second
 * run that starts meanwhile, of any session, overwrites them: wrong results, "memory access out of bounds", or a hang (1.30.0, seen
 * 2026-11 with runs a few microtasks apart). Nothing is lost: the work itself is synchronous, and no call waits for anything but it,
 * so a call is over in the turn of the event loop that began it and the line never outlives the request at its head.
 */
const inTurn = <T>(call: () => Promise<T>): Promise<T> => {
  const result = lastCall.then(call)
  lastCall = result.catch(() => undefined)
  return result
}

const explain = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** A dimension as the manifest writes it: ORT gives an unnamed free dimension as 2³² - 1 and a named one as its name (1.30.0). */
const dimension = (size: number | string): number | string => (size === 0xffff_ffff ? -1 : size)

const describeInputs = (session: InferenceSession): ModelSession['inputs'] =>
  session.inputMetadata.map((input) => {
    const datatype = input.isTensor ? datatypeOf(input.type) : undefined
    if (!input.isTensor || datatype === undefined) {
      const type = input.isTensor ? input.type : 'not a tensor'
      throw new Failure('model_unavailable', `input "${input.name}" of the graph is ${type}, which no event can fill`)
    }
    return { name: input.name, datatype, shape: input.shape.map(dimension) }
  })

/**
 * Opens `model` (the bytes of an ONNX file). ORT must have been started. Outputs that are no tensors (ZipMap's) are left out.
 * Throws Failure `model_unavailable` for bytes that are no graph, or one that this build of ORT cannot run.
 */
export const openSession = async (model: Uint8Array): Promise<ModelSession> => {
  const session = await inTurn(() => InferenceSession.create(model, SESSION_OPTIONS)).catch((cause: unknown) => {
    throw new Failure('model_unavailable', `the graph cannot be loaded: ${explain(cause)}`, undefined, { cause })
  })
  let released: Promise<void> | undefined
  const release = (): Promise<void> => {
    released ??= inTurn(() => session.release())
    return released
  }
  try {
    return {
      inputs: describeInputs(session),
      outputs: session.outputMetadata.filter((output) => output.isTensor).map(({ name }) => ({ name })),
      run: (inputs, outputNames) =>
        inTurn(async () => {
          const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrtTensor(tensor)]))
          const outputs = await session.run(feeds, outputNames)
          return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, fromOrtTensor(tensor)]))
        }).catch((cause: unknown) => {
          throw new Failure('model_failed', `the graph failed: ${explain(cause)}`, undefined, { cause })
        }),
      release,
    }
  } catch (error) {
    await release()
    throw error
  }
}
