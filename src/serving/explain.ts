/** Explains predictions: how much each group of features moved the output away from what it is on average, computed when somebody asks. */
import { type Clock, type Deadline, deadlineIn } from '../core/clock.ts'
import { type FieldGroup, fieldGroups } from '../core/explain/field-groups.ts'
import { coalitionCount, coalitionRows, coalitionWorths, shapleyValues } from '../core/explain/shapley.ts'
import { Failure } from '../core/failure.ts'
import type { ReferenceProfile } from '../core/profile/reference-profile.ts'
import type { Explanation, PredictionOutput } from '../protocol/answers.ts'
import type { VersionReferences } from './ports/drift-parts.ts'
import type { Timers } from './ports.ts'
import type { Served } from './serve-group.ts'
import type { ServedModel } from './served-model.ts'
import { TIMED_OUT, within } from './within.ts'

/** Their coalitions double with each: 4,096. */
export const MOST_GROUPS = 12
/** Events of a request that are explained, the first of its body. */
export const MOST_EXPLAINED = 10
/** Rows that one explanation may predict: with few groups all 100 of the background, with twelve 8 of them. */
const MOST_ROWS = 32_768
/** Backgrounds in memory, each of a hundred rows. */
const MOST_KNOWN = 8
/** For all explanations of a request: whoever asks for one waits for more than a prediction. */
const EXPLAIN_MILLISECONDS = 2_000

export interface ExplainerParts {
  readonly references: VersionReferences | null
  readonly clock: Clock
  readonly timers: Timers
  readonly log: (line: string) => void
}

/** A row of the background for the columns of a feature vector; NaN where it holds none. */
type BackgroundRows = readonly (readonly number[])[]

interface Background {
  readonly rows: BackgroundRows
  /** Those whose every column the background holds. */
  readonly groups: readonly FieldGroup[]
}

const backgroundOf = (profile: ReferenceProfile, model: ServedModel): Background => {
  const { fields, rows } = profile.background
  const places = model.computer.names.map((name) => fields.indexOf(name))
  return {
    rows: rows.map((row) => places.map((place) => (place < 0 ? Number.NaN : (row[place] ?? Number.NaN)))),
    groups: fieldGroups(model.loaded.manifest.feature_view.fields).filter(({ columns }) =>
      columns.every((column) => (places[column] ?? -1) >= 0),
    ),
  }
}

interface Explained {
  /** Of an output what is explained; absent: the output itself. */
  readonly of?: string
  readonly figureOf: (output: PredictionOutput) => number
}

/** A distribution over ascending numbers is explained by its mean, any other by the probability of the label that was likeliest. */
const explainedOf = (output: PredictionOutput): Explained => {
  if (typeof output === 'number') return { figureOf: Number }
  const { labels, probabilities, p50 } = output
  const probabilitiesOf = (other: PredictionOutput): readonly number[] =>
    typeof other === 'number' ? [] : other.probabilities
  if (p50 !== undefined) {
    const mean = (other: PredictionOutput): number =>
      probabilitiesOf(other).reduce((sum, probability, index) => sum + probability * Number(labels[index]), 0)
    return { of: 'mean', figureOf: mean }
  }
  const likeliest = probabilities.indexOf(Math.max(...probabilities))
  return {
    of: `probability of ${String(labels[likeliest])}`,
    figureOf: (other) => probabilitiesOf(other)[likeliest] ?? Number.NaN,
  }
}

export class Explainer {
  readonly #known = new Map<string, Background>()

  constructor(private readonly parts: ExplainerParts) {}

  /**
   * For each row of what was served its explanation; `null` where there is none: it is not among the first `MOST_EXPLAINED` events, a mean answered, the version has no background rows or more than
   * `MOST_GROUPS` groups of features, its profile did not come in time, or the model failed on some row. Never rejects with a Failure.
   */
  async explain({ lease, standIn, features, rows, results }: Served): Promise<(Explanation | null)[]> {
    const { model } = lease
    const deadline = deadlineIn(this.parts.clock, EXPLAIN_MILLISECONDS)
    const none = results.map(() => null)
    if (standIn.includes('reference_mean')) return none
    const background = await this.#background(model, deadline)
    if (background === null || background.rows.length === 0) return none
    const { groups } = background
    if (groups.length === 0 || groups.length > MOST_GROUPS) return none
    const explanations: (Explanation | null)[] = []
    const width = model.computer.names.length
    for (const [row, result] of results.entries()) {
      const numbers = features.numbers.subarray(row * width, (row + 1) * width)
      const strings = features.strings?.slice(row * width, (row + 1) * width) ?? null
      const output = Object.entries(result instanceof Failure ? {} : result)[0]
      const isAsked = (rows[row]?.candidate.index ?? MOST_EXPLAINED) < MOST_EXPLAINED
      const isInTime = isAsked && deadline.remainingMilliseconds() > 0
      explanations.push(
        output === undefined || !isInTime ? null : await this.#row(model, background, numbers, strings, output),
      )
    }
    return explanations
  }

  async #row(
    model: ServedModel,
    { rows, groups }: Background,
    numbers: Float64Array,
    strings: readonly (string | null)[] | null,
    [name, output]: [string, PredictionOutput],
  ): Promise<Explanation | null> {
    const used = rows.slice(0, Math.max(1, Math.floor(MOST_ROWS / coalitionCount(groups.length))))
    const asked = coalitionRows(numbers, used, groups)
    const count = asked.length / numbers.length
    const repeated = strings && Array.from({ length: count }, () => strings).flat()
    const { of, figureOf } = explainedOf(output)
    const predicted = new Float64Array(count)
    try {
      const outputs = await model.loaded.predictRows({ numbers: asked, strings: repeated })
      for (const [row, one] of outputs.entries()) {
        if (one instanceof Failure) return null
        predicted[row] = figureOf(one[name] as PredictionOutput)
      }
    } catch (failure) {
      if (failure instanceof Failure) return null
      throw failure
    }
    const worths = coalitionWorths(predicted, used.length)
    const values = shapleyValues(worths, groups.length)
    const names = model.computer.names
    const several = groups.filter(({ columns }) => columns.length > 1)
    return {
      output: name,
      ...(of !== undefined && { of }),
      base: worths[0] as number,
      contributions: Object.fromEntries(groups.map((group, index) => [group.name, values[index] as number])),
      groups: Object.fromEntries(
        several.map((group) => [group.name, group.columns.map((column) => names[column] as string)]),
      ),
    }
  }

  /** `null`: it cannot be had now; that is said in the log. */
  async #background(model: ServedModel, deadline: Deadline): Promise<Background | null> {
    const { references, timers, log } = this.parts
    const key = `${model.name}@${model.version}`
    const known = this.#known.get(key)
    if (known !== undefined || references === null) return known ?? null
    try {
      const reference = await within(references.read(model.name, model.version, deadline), deadline, timers)
      if (reference === TIMED_OUT) throw new Error('no answer in time')
      if (reference === null) return null
      const background = backgroundOf(reference.profile, model)
      const oldest = this.#known.keys().next()
      if (this.#known.size >= MOST_KNOWN && !oldest.done) this.#known.delete(oldest.value)
      this.#known.set(key, background)
      return background
    } catch (error) {
      log(`${key} is not explained: ${String(error)}`)
      return null
    }
  }
}
