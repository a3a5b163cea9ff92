/** The counts of one model version while they grow. */
import type { Duration } from '../clock.ts'
import type { FieldBinner } from '../drift/field-binner.ts'
import { type BinLayout, BinRecorder, labelLayout } from './bin-counts.ts'
import { type CountBy, LIMITS, OTHER, type VersionCounts } from './counts.ts'
import { LatencyRecorder } from './latency-histogram.ts'
import { SketchRecorder } from './latency-sketch.ts'

/** An output as it was answered: a number, or a distribution over labels. */
export type ObservedOutput = number | { readonly probabilities: readonly number[] }
export type ObservedOutputs = { readonly [name: string]: ObservedOutput }

/** A stage of a request and how long it took. */
export interface TimedStage {
  readonly name: string
  readonly duration: Duration
}

/** The stage that is the whole request. */
export const TOTAL_STAGE = 'total'

/** The field values of one event: the row numbered `row` of `numbers`, NaN where one is missing. */
export interface FieldRow {
  readonly binner: FieldBinner
  readonly numbers: ArrayLike<number>
  readonly row: number
}

/** One answered event. */
export interface SeenPrediction {
  readonly model: string
  readonly version: string
  readonly outputs: ObservedOutputs
  /** What it is flagged with: warnings, imputation. */
  readonly flags: readonly string[]
  /** Its field values, where they can be counted. */
  readonly fields?: FieldRow | null
}

/** How a version's output is binned. Asked once for each output between two flushes; a `distribution` is binned by label without asking. */
export type LayoutOf = (model: string, version: string, output: string) => BinLayout

/** Adds one to `key`, or to `other` when there are too many keys. */
export const increment = (counts: Map<string, number>, key: string, limit: number = LIMITS.keys): void => {
  const present = counts.get(key)
  if (present !== undefined) counts.set(key, present + 1)
  else if (counts.size < limit || key === OTHER) counts.set(key, 1)
  else counts.set(OTHER, (counts.get(OTHER) ?? 0) + 1)
}

export const toCountBy = (counts: ReadonlyMap<string, number>): CountBy => Object.fromEntries(counts)

/** Index of the greatest number; the first of equals, 0 of none. */
const greatest = (numbers: readonly number[]): number => {
  let index = 0
  for (let i = 1; i < numbers.length; i++) if ((numbers[i] as number) > (numbers[index] as number)) index = i
  return index
}

export class VersionRecorder {
  #predictions = 0
  readonly #errors = new Map<string, number>()
  readonly #degraded = new Map<string, number>()
  readonly #latency = new LatencyRecorder()
  readonly #stages = new Map<string, SketchRecorder>()
  readonly #outputs = new Map<string, BinRecorder>()
  /** One for each field of `#binner`. */
  #fields: readonly BinRecorder[] = []
  #binner: FieldBinner | undefined

  constructor(private readonly layoutOf: (output: string) => BinLayout) {}

  prediction(outputs: ObservedOutputs, flags: readonly string[]): void {
    this.#predictions++
    for (const flag of flags) increment(this.#degraded, flag)
    for (const name in outputs) this.#output(name, outputs[name] as ObservedOutput)
  }

  /**
   * The field values of one answered event. The bins are those of the first call; a version has but one profile, so rows of another are left
   * out.
   */
  fieldValues({ binner, numbers, row }: FieldRow): void {
    if (this.#binner === undefined) {
      this.#binner = binner
      this.#fields = binner.fields.map(({ layout }) => new BinRecorder(layout))
    }
    if (this.#binner !== binner) return
    const { fields, width } = binner
    for (let index = 0; index < fields.length; index++) {
      const { column } = fields[index] as (typeof fields)[number]
      this.#fields[index]?.record(binner.binOf(index, numbers[row * width + column] as number))
    }
  }

  failure(code: string): void {
    increment(this.#errors, code)
  }

  /** One measured request and its stages, standing for `weight` requests. */
  latency(duration: Duration, weight: number, stages: readonly TimedStage[]): void {
    this.#latency.record(duration, weight)
    this.#stage(TOTAL_STAGE, duration, weight)
    for (const stage of stages) this.#stage(stage.name, stage.duration, weight)
  }

  #stage(name: string, duration: Duration, weight: number): void {
    const key = this.#stages.has(name) || this.#stages.size < LIMITS.stages ? name : OTHER
    const recorder = this.#stages.get(key) ?? new SketchRecorder()
    this.#stages.set(key, recorder)
    recorder.record(duration, weight)
  }

  #output(name: string, output: ObservedOutput): void {
    const recorder = this.#outputs.get(name) ?? this.#addOutput(name, output)
    recorder.record(typeof output === 'number' ? output : greatest(output.probabilities))
  }

  #addOutput(name: string, output: ObservedOutput): BinRecorder {
    const key = this.#outputs.size < LIMITS.outputs ? name : OTHER
    const present = this.#outputs.get(key)
    if (present !== undefined) return present
    const layout = typeof output === 'number' ? this.layoutOf(name) : labelLayout(output.probabilities.length)
    const recorder = new BinRecorder(layout)
    this.#outputs.set(key, recorder)
    return recorder
  }

  toCounts(): VersionCounts {
    return {
      predictions: this.#predictions,
      errors: toCountBy(this.#errors),
      degraded: toCountBy(this.#degraded),
      latency: this.#latency.toHistogram(),
      ...(this.#stages.size === 0
        ? {}
        : { stages: Object.fromEntries([...this.#stages].map(([name, recorder]) => [name, recorder.toSketch()])) }),
      outputs: Object.fromEntries([...this.#outputs].map(([name, recorder]) => [name, recorder.toCounts()])),
      fields: Object.fromEntries(
        this.#fields.map((recorder, index) => [this.#binner?.fields[index]?.name ?? OTHER, recorder.toCounts()]),
      ),
    }
  }
}
