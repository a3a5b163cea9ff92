/** Times the stages of a prediction in Node, over the Worker's own modules on warm code; prints them as JSON. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { bundledReleases } from '../src/adapters/bundled-releases.ts'
import { memoryModels } from '../src/adapters/memory-models.ts'
import { nodeOnnxRuntime } from '../src/adapters/onnx-runtime-node.ts'
import { systemClock, systemTimers } from '../src/adapters/system-clock.ts'
import { deadlineIn } from '../src/core/clock.ts'
import { readReferenceProfile } from '../src/core/profile/read-reference-profile.ts'
import { readZipPack } from '../src/core/zip/read-zip-pack.ts'
import type { ZipMeans } from '../src/core/zip/zip-pack.ts'
import { assembleAnswering } from '../src/http/assemble-answering.ts'
import { readBody } from '../src/protocol/body.ts'
import { Comparer } from '../src/serving/compare.ts'
import { Explainer } from '../src/serving/explain.ts'
import { FeatureRowMaker } from '../src/serving/feature-rows.ts'
import { FieldBinners } from '../src/serving/field-binners.ts'
import { KnownReleases } from '../src/serving/known-releases.ts'
import { VersionLeaser } from '../src/serving/lease-version.ts'
import { Observer } from '../src/serving/observe.ts'
import { outputLayouts } from '../src/serving/output-layouts.ts'
import type { VersionReference } from '../src/serving/ports/drift-parts.ts'
import { Predictor } from '../src/serving/predict.ts'
import { SessionRegistry } from '../src/serving/session-registry.ts'
import { Stages } from '../src/serving/stages.ts'
import { ZipLookup } from '../src/serving/zip-lookup.ts'
import type { StageTimes } from './stages.ts'
import { quantileOf } from './summary.ts'
import { makeTraffic } from './traffic.ts'

const WARM_UP_EVENTS = 10_000
const EVENTS = 20_000

const [, , root = '', modelFolder = ''] = process.argv
const require = createRequire(join(root, 'package.json'))
const { events, packs } = makeTraffic(root)
const stored = new Map(packs.map(({ key, value }) => [key, value]))

const models = memoryModels([
  {
    manifest: JSON.parse(readFileSync(join(modelFolder, 'manifest.json'), 'utf8')),
    model: new Uint8Array(readFileSync(join(modelFolder, 'model.onnx'))).buffer,
  },
])
const [model = ''] = models.models()
/** As a Worker has it: fields are counted where the version has a profile. */
const readReference = async (name: string, version: string): Promise<VersionReference | null> => {
  const path = join(modelFolder, 'reference.json')
  const manifest = models.manifest(name, version)
  if (manifest === null || !existsSync(path)) return null
  return { manifest, profile: readReferenceProfile(JSON.parse(readFileSync(path, 'utf8'))) }
}
const runtime = nodeOnnxRuntime(readFileSync(require.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')))
const observer = new Observer(
  {
    statistics: { send: () => Promise.resolve([]), read: () => Promise.reject(new Error('nobody reads here')) },
    clock: systemClock,
    timers: systemTimers,
    randomId: () => crypto.randomUUID(),
    layoutOf: outputLayouts(models.manifest),
  },
  { codeVersion: 'bench', intervalMilliseconds: 1_000, deadlineMilliseconds: 2_000, giveUpMilliseconds: 60_000 },
)
const sessions = new SessionRegistry(models, runtime, systemClock, systemTimers)
const zips = new ZipLookup(
  {
    read: (zip3s) =>
      Promise.resolve(
        new Map(zip3s.map((zip3) => [zip3, readZipPack(JSON.parse(stored.get(`zip3/${zip3}`) ?? 'null'))])),
      ),
  },
  JSON.parse(readFileSync(join(root, 'kv-seed', 'zip3-means.json'), 'utf8')) as ZipMeans,
  systemClock,
  systemTimers,
  { capacity: packs.length, deadlineMilliseconds: 1_000, refreshMilliseconds: 3_600_000 },
)
const bundled = bundledReleases(models)
const releases = new KnownReleases(
  models.models().flatMap((name) => bundled.current(name) ?? []),
  null,
  systemClock,
  systemTimers,
  { deadlineMilliseconds: 1_000, onRelease: () => undefined },
)
const features = new FeatureRowMaker(zips, observer)
const timing = { clock: systemClock, timers: systemTimers }
const predictor = new Predictor({
  releases,
  models: sessions,
  answering: assembleAnswering(
    { config: { MODE: undefined, MODEL_FALLBACK: undefined }, sessions, ...timing },
    new VersionLeaser({ sessions, releases, bundled, clock: systemClock }),
  ),
  features,
  comparer: new Comparer({
    ...{ models: sessions, features, observer, ...timing, unitSeed: 0 },
    ...{ isTimed: () => false, isCanaryFirst: () => false },
  }),
  binners: new FieldBinners({ read: readReference }, systemClock, systemTimers, () => undefined),
  explainer: new Explainer({ references: null, ...timing, log: () => undefined }),
  observer,
  rules: {
    now: () => systemClock.epochMilliseconds(),
    clock: { offsetMilliseconds: 300_000, farPastMilliseconds: 1e13, farFutureMilliseconds: 1e13, far: 'flag' },
  },
  randomId: () => crypto.randomUUID(),
})

const bodies = events.map((event) => new TextEncoder().encode(event))
const limits = { maxBodyBytes: 4 * 1024 * 1024, maxEvents: 1_000 }
const taken = new Map<string, number[]>()
const note = (stage: string, milliseconds: number): void => {
  const times = taken.get(stage)
  if (times === undefined) taken.set(stage, [milliseconds * 1_000])
  else times.push(milliseconds * 1_000)
}

const predictOne = async (number: number): Promise<void> => {
  const start = performance.now()
  const body = readBody(bytesOf(number), { contentType: 'application/json', batch: false, limits })
  if (body.kind !== 'single') throw new Error('one event was read as a batch')
  const read = performance.now()
  const stages = new Stages(systemClock)
  const [outcome] = await predictor.predict({
    items: [body],
    model,
    caller: { edgeZip: null, isBot: false, isOptedOut: false },
    withFeatures: true,
    deadline: deadlineIn(systemClock, 1_000),
    background: (work) => void work.catch(() => undefined),
    stages,
  })
  const predicted = performance.now()
  if (outcome === undefined || !('prediction' in outcome)) throw new Error('an event was not predicted')
  JSON.stringify(outcome.prediction)
  const answered = performance.now()
  note('body', read - start)
  let inPredictor = 0
  for (const { name, duration } of stages.list) {
    const milliseconds = duration.known ? duration.milliseconds : 0
    inPredictor += milliseconds
    note(name === 'parse' ? 'event' : name, milliseconds)
  }
  note('outcome', predicted - read - inPredictor)
  note('json', answered - predicted)
}

const bytesOf = (number: number): Uint8Array => bodies[number % bodies.length]

for (let number = 0; number < WARM_UP_EVENTS; number++) await predictOne(number)
taken.clear()
for (let number = 0; number < EVENTS; number++) await predictOne(number)

const round = (value: number): number => Number(value.toFixed(2))
const times: StageTimes[] = [...taken].map(([stage, values]) => ({
  stage,
  meanMicroseconds: round(values.reduce((sum, value) => sum + value, 0) / values.length),
  p50Microseconds: round(quantileOf(values, 0.5)),
}))
process.stdout.write(JSON.stringify(times))
