/** Starts onnxruntime-web inside workerd, unpatched: whatever workerd wants done differently is done in this file. */
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm'
import { env, InferenceSession } from 'onnxruntime-web/wasm'
import { Failure } from '../core/failure.ts'
import type { ModelRuntime } from '../serving/ports.ts'
import { openSession, SESSION_OPTIONS } from './onnx-session.ts'

/**
 * Stands for the compiled module. workerd compiles WebAssembly when a Worker is deployed and never from bytes, but ORT wants bytes
 * (without them it looks for its script's URL, which a Worker has not) and hands them to `WebAssembly.instantiate` (1.30.0, 2026-11).
 */
const PLACEHOLDER = Uint8Array.of(0x00, 0x61, 0x73, 0x6d)

/** An ONNX graph, y = x: ORT starts when it is asked for its first session. */
const IDENTITY_GRAPH = Uint8Array.from(
  atob('CAc6NwoQCgF4EgF5IghJZGVudGl0eRIBaVoPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEA0='),
  (character) => character.charCodeAt(0),
)

/** ORT's request for its instance, left open until a model is first wanted. */
interface OpenRequest {
  readonly imports: WebAssembly.Imports
  readonly memory: WebAssembly.Memory
  grant(instance: WebAssembly.Instance): void
}

env.wasm.wasmBinary = PLACEHOLDER
env.wasm.numThreads = 1
env.wasm.proxy = false
env.logLevel = 'fatal'

const isPlaceholder = (source: unknown): boolean =>
  source instanceof Uint8Array &&
  source.byteLength === PLACEHOLDER.byteLength &&
  source.every((byte, index) => byte === PLACEHOLDER[index])

const memoryAmong = (imports: WebAssembly.Imports): WebAssembly.Memory => {
  const memory = Object.values(imports)
    .flatMap((module) => Object.values(module))
    .find((value) => value instanceof WebAssembly.Memory)
  if (memory === undefined) throw new Error('ORT imports no memory')
  return memory
}

/** Replaces `WebAssembly.instantiate` until ORT has called it with the placeholder, or until `restore` is called. */
const interceptInstantiation = (onRequest: (request: OpenRequest) => void): { restore(): void } => {
  const original = WebAssembly.instantiate
  const restore = (): void => {
    if (WebAssembly.instantiate === replacement) WebAssembly.instantiate = original
  }
  const replacement = ((source: WebAssembly.Module, imports: WebAssembly.Imports): Promise<unknown> => {
    if (!isPlaceholder(source)) return original.call(WebAssembly, source, imports)
    restore()
    return new Promise((resolve) => {
      onRequest({ imports, memory: memoryAmong(imports), grant: (instance) => resolve({ instance, module: wasm }) })
    })
  }) as typeof WebAssembly.instantiate
  WebAssembly.instantiate = replacement
  return { restore }
}

/**
 * ORT begins to start as this module is evaluated, where promises belong to no request, and stops where it asks for its instance:
 * 10 ms of CPU and 2 MB, against 200 ms and 44 MB for a whole start. The first `open` grants the instance, synchronously. So no
 * cancelled request can take ORT's start along (workerd drops what a request still awaits when it ends), and an instantiation that
 * failed can be tried again, which ORT itself never does. Measured 2026-11; begun in a request, the second try never settled.
 */
let started: Promise<void> = Promise.resolve()
const requested = new Promise<OpenRequest>((resolve, reject) => {
  const { restore } = interceptInstantiation(resolve)
  started = InferenceSession.create(IDENTITY_GRAPH, SESSION_OPTIONS)
    .then((session) => session.release())
    .finally(restore)
  started.catch(reject)
})
requested.catch(() => undefined)

let granted: OpenRequest | undefined

const start = async (): Promise<void> => {
  try {
    const request = await requested
    if (granted === undefined) {
      request.grant(new WebAssembly.Instance(wasm, request.imports))
      granted = request
    }
    await started
  } catch (cause) {
    throw new Failure('model_unavailable', `ONNX Runtime did not start: ${String(cause)}`, undefined, { cause })
  }
}

/** Starts ORT with the first `open`, once, wherever that is: at module scope or in a request. */
export const onnxRuntime: ModelRuntime = {
  async open(model) {
    await start()
    return openSession(model)
  },
}

/** Bytes of WebAssembly memory that ORT holds, all sessions together; it grows and never shrinks. 0 before the start. */
export const wasmMemoryBytes = (): number => granted?.memory.buffer.byteLength ?? 0
