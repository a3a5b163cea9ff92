/** A Worker that does nothing but predict with one small model: bundled and started by test/faults/onnx-cold-start.test.ts. */
import { memoryModels } from '../../../src/adapters/memory-models.ts'
import { onnxRuntime, wasmMemoryBytes } from '../../../src/adapters/onnx-runtime.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import type { ModelRepository } from '../../../src/serving/ports.ts'
import { checkReadiness, type Readiness, startSessions } from '../../../src/serving/readiness.ts'
import { SessionRegistry } from '../../../src/serving/session-registry.ts'
import stored from '../../fixtures/onnx/trees.json'
import trees from '../../fixtures/onnx/trees.onnx'

/** Set by the test: whether the session is made at module scope, and how long the repository takes. */
declare const EAGER: boolean
declare const LOAD_MILLISECONDS: number
/** Made by the test's prelude, before this module and ORT were evaluated. */
declare const prelude: { readonly instantiate: unknown; instances: number }

const models = memoryModels([{ manifest: stored.manifest, model: trees }])
let loads = 0
const repository: ModelRepository = {
  ...models,
  async load(model, version, deadline) {
    loads++
    if (LOAD_MILLISECONDS > 0) await scheduler.wait(LOAD_MILLISECONDS)
    return models.load(model, version, deadline)
  },
}
const registry = new SessionRegistry(repository, onnxRuntime, systemClock, systemTimers)
const required = [{ name: 'trees', version: '1.0.0' }]

let start: Readiness | 'not finished' | 'not tried' = 'not tried'
if (EAGER) {
  start = 'not finished'
  void startSessions(registry, required).then((readiness) => {
    start = readiness
  })
}

/** The first fixture row, which the test knows the answer of. */
const numbers = Float64Array.from(stored.inputs.features.data.slice(0, 5), (value) => value ?? Number.NaN)

export default {
  async fetch(request, _env, context) {
    const { pathname, searchParams } = new URL(request.url)
    const deadline = deadlineIn(systemClock, Number(searchParams.get('deadline') ?? 5_000))
    // `careless`: a request that does not hold what it began, as one whose waitUntil was cut short.
    const hold = (work: Promise<unknown>) => context.waitUntil(work)
    const background = searchParams.has('careless') ? () => undefined : hold
    switch (pathname) {
      case '/state':
        return Response.json({
          start,
          loads,
          instances: prelude.instances,
          restored: WebAssembly.instantiate === prelude.instantiate,
          memory: wasmMemoryBytes(),
        })
      case '/ready':
        return Response.json(await checkReadiness(registry, required, deadline, background))
      default: {
        const lease = await registry.acquire('trees', '1.0.0', deadline, background).catch((error: Error) => error)
        if (lease instanceof Error) return Response.json({ error: lease.message })
        const rows = await lease.model.loaded.predictRows({ numbers, strings: null })
        lease.release()
        return Response.json(rows[0])
      }
    }
  },
} satisfies ExportedHandler
