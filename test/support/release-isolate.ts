/** An isolate that follows releases, in plain Node on a clock that the test holds: real verbs, a runtime without ONNX, twins behind the ports. */
import { bundledReleases } from '../../src/adapters/bundled-releases.ts'
import { type BundledVersion, memoryModels } from '../../src/adapters/memory-models.ts'
import { Failure } from '../../src/core/failure.ts'
import { bundledRelease, type Release } from '../../src/core/release/release.ts'
import type { Batch, Prediction } from '../../src/protocol/answers.ts'
import type { Manifest } from '../../src/protocol/manifest.ts'
import type {
  ModelFiles,
  ModelRepository,
  ModelRuntime,
  ReferenceProfiles,
  ReleaseStore,
  Statistics,
  ZipPackStore,
} from '../../src/serving/ports.ts'
import { SessionRegistry } from '../../src/serving/session-registry.ts'
import { FakeRuntime, fakeFiles } from './fake-runtime.ts'
import { ManualClock } from './manual-clock.ts'
import { nodeApp } from './node-app.ts'
import { MemoryStatistics } from './statistics.ts'

/** A release of the model `adder`; stable is 1.0.0, which is bundled. */
export const releaseOf = (revision: number, changes: Partial<Release> = {}): Release => ({
  ...bundledRelease('adder', '1.0.0'),
  revision,
  changedAt: 1,
  ...changes,
})

export const canaryOf = (version: string, share: number): NonNullable<Release['canary']> => ({
  version,
  share,
  since: Date.UTC(2026, 0, 1),
})

/** A release store in memory. */
export class MemoryReleaseStore implements ReleaseStore {
  release: Release | null = null
  fault: 'none' | 'hangs' | 'fails' = 'none'
  reads = 0
  read(): Promise<Release | null> {
    this.reads++
    if (this.fault === 'hangs') return new Promise(() => {})
    return this.fault === 'fails' ? Promise.reject(new Error('the store is down')) : Promise.resolve(this.release)
  }
}

/** Versions that only asking finds, as those of R2; `isDown` while it cannot be reached. */
export class PublishedModels {
  isDown = false
  readonly loads: string[] = []
  constructor(private readonly files: ReadonlyMap<string, ModelFiles>) {}
  async load(version: string): Promise<ModelFiles | null> {
    this.loads.push(version)
    if (this.isDown) throw new Failure('model_unavailable', 'the repository is down')
    return this.files.get(version) ?? null
  }
}

export interface IsolateOptions {
  /** Published versions beside the bundled 1.0.0. */
  readonly published?: readonly string[]
  readonly changes?: Partial<Manifest>
  /** Of one version only. */
  readonly changesOf?: { readonly [version: string]: Partial<Manifest> }
  readonly store?: MemoryReleaseStore
  readonly clock?: ManualClock
  readonly statistics?: Statistics
  /** Variables of the environment. */
  readonly env?: object
  readonly profiles?: ReferenceProfiles
  /** Wraps the runtime: how faults are injected. */
  readonly decorate?: (runtime: ModelRuntime) => ModelRuntime
  readonly zipStore?: ZipPackStore
  readonly random?: () => number
}

const bundled = ({ manifest, model }: ModelFiles): BundledVersion => ({ manifest, model: new Uint8Array(model).buffer })

export const releaseIsolate = (options: IsolateOptions = {}) => {
  const {
    published: versions = ['1.1.0', '1.2.0', '2.0.0'],
    changes = {},
    changesOf = {},
    store,
    clock = new ManualClock(),
    decorate = (inner) => inner,
    env = {},
    profiles,
    zipStore,
    random,
  } = options
  const runtime = new FakeRuntime()
  const shipped = memoryModels([bundled(fakeFiles('1.0.0', changes))])
  const published = new PublishedModels(
    new Map(versions.map((version) => [version, fakeFiles(version, { ...changes, ...changesOf[version] })])),
  )
  const repository: ModelRepository & Pick<typeof shipped, 'manifest'> = {
    ...shipped,
    load: async (model, version, deadline) => (await shipped.load(model, version, deadline)) ?? published.load(version),
  }
  const sessions = new SessionRegistry(repository, decorate(runtime), clock, clock)
  const memory = new MemoryStatistics()
  const { app, log } = nodeApp(
    'trees',
    {
      WRITE_TOKEN: 'the-write-token-of-the-tests',
      PREDICT_DEADLINE_MILLISECONDS: '100',
      LATENCY_SAMPLE: '1000000',
      ...env,
    },
    {
      repository,
      releases: bundledReleases(shipped),
      ...(store === undefined ? {} : { releaseStore: store }),
      ...(profiles && { profiles }),
      ...(zipStore && { zipStore }),
      ...(random && { random }),
      sessions,
      statistics: options.statistics ?? memory,
      clock,
      timers: clock,
    },
  )
  const ask = async (body: unknown, path = '/v1/predict', headers: Record<string, string> = {}): Promise<Response> =>
    app.request(path, { method: 'POST', body: JSON.stringify(body), headers })
  /** One event of a unit; the answer, without moving the clock. */
  const predict = async (unit = 's-1'): Promise<Prediction> => (await ask(eventOf(unit))).json() as Promise<Prediction>
  const predictAll = async (units: readonly string[]): Promise<Batch['predictions']> =>
    ((await (await ask(units.map(eventOf))).json()) as Batch).predictions
  /** Digests are made on a thread of their own, in real time; those who wait for a version that never comes wait 20 ms. */
  const inMemory = async (wanted: readonly string[]): Promise<void> => {
    const isThere = (): boolean => wanted.every((version) => sessions.has('adder', version))
    for (let turn = 0; turn < 20 && !isThere(); turn++) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  /** Lets the isolate hear of `release` with its next flush. */
  const hear = async (release: Release): Promise<void> => {
    memory.news = [{ model: 'adder', release, age_milliseconds: 0 }]
    await predict()
    await clock.advance(1_000)
    const { stable, canary, shadow } = release
    await inMemory([stable, canary?.version, shadow?.version].filter((version) => typeof version === 'string'))
  }
  return { app, ask, clock, hear, inMemory, log, memory, predict, predictAll, published, runtime, sessions }
}

export const eventOf = (unit: string): object => ({ createdDateTime: 1731880381293, session_id: unit, a: 1, b: 2 })

export const unitsOf = (count: number): string[] => Array.from({ length: count }, (_, number) => `visitor-${number}`)
