/** What really happened to events, joined with what both versions of a canary had said of them: evidence. */
import { quote } from '../failure.ts'
import { type ComparedEvent, type ComparedOutput, hasLoss } from './compared-events.ts'
import { DEFAULT_JUDGEMENT } from './config.ts'
import type { Evidence, EvidenceSubject } from './evidence.ts'
import { EvidenceBuilder } from './evidence-builder.ts'
import { absoluteLoss, brierLoss } from './output-recorder.ts'

/** By an authenticated caller. */
export interface ReportedOutcome {
  /** From `eventOf`. */
  readonly event: number
  /** The name of the output that foretold it. */
  readonly output: string
  readonly value: number | boolean
  /** By its receipt, which version had answered, and what. */
  readonly answered?: { readonly model: string; readonly version: string; readonly said: number }
}

/** `unmatched`: no such event is known. `refused`: it is, and the outcome does not fit it; `path` is the field that is wrong. */
export type OutcomeFate =
  | { readonly fate: 'matched' | 'unmatched' }
  | { readonly fate: 'refused'; readonly path: 'output' | 'value'; readonly message: string }

/** An event that both versions of a canary answered. */
export interface Compared {
  /** The same for all events of one canary. */
  readonly key: string
  readonly subject: EvidenceSubject
  readonly outputs: readonly ComparedOutput[]
  readonly event: ComparedEvent
}

const refused = (path: 'output' | 'value', message: string): OutcomeFate => ({ fate: 'refused', path, message })

/** Why no loss can be measured by this value; `null`: one can. */
const misfit = ({ name, kind, range }: ComparedOutput, value: number | boolean): OutcomeFate | null => {
  if (kind === 'distribution') return refused('output', `"${name}" is a distribution, of which outcomes are not judged`)
  if (kind === 'value' && range === null)
    return refused('output', `"${name}" has no range under coverage in the manifest, so its loss has no scale`)
  if (kind === 'value' && typeof value === 'boolean')
    return refused('value', `value is ${value}; "${name}" is a value: send a number`)
  if (kind === 'probability' && !(Number(value) >= 0 && Number(value) <= 1))
    return refused(
      'value',
      `value is ${value}; "${name}" is a probability: send true or false, or a number from 0 to 1`,
    )
  return null
}

const lossOf = ({ kind, range }: ComparedOutput, said: number, value: number | boolean): number =>
  kind === 'value' && range !== null ? absoluteLoss(said, Number(value), range) : brierLoss(said, value)

/** Whether the event that is kept is the one a receipt is of, and not another that was sent under its id. The canary is what answered. */
const isAnswered = ({ subject, event }: Compared, { answered }: ReportedOutcome, index: number): boolean =>
  answered === undefined ||
  (answered.model === subject.model && answered.version === subject.canary && answered.said === event.canary[index])

const join = (compared: Compared, reported: ReportedOutcome, at: number, to: EvidenceBuilder): OutcomeFate => {
  const { outputs, event } = compared
  const { output, value } = reported
  const index = outputs.findIndex(({ name }) => name === output)
  const [found, canary, stable] = [outputs[index], event.canary[index], event.stable[index]]
  if (!isAnswered(compared, reported, index)) return { fate: 'unmatched' }
  if (found === undefined)
    return refused('output', `output is ${quote(output)}; judged are ${outputs.map(({ name }) => name).join(', ')}`)
  const wrong = misfit(found, value)
  if (wrong !== null) return wrong
  if (typeof canary !== 'number' || typeof stable !== 'number' || !hasLoss(found))
    throw new Error(`an event was kept without its output "${output}"`)
  to.outcome({
    unit: event.unit,
    at,
    canary: lossOf(found, canary, value),
    stable: lossOf(found, stable, value),
  })
  return { fate: 'matched' } as const
}

/** The best of what several shards, or several canaries, make of one outcome. */
export const bestFate = (fates: readonly OutcomeFate[]): OutcomeFate =>
  fates.find(({ fate }) => fate === 'matched') ?? fates.find(({ fate }) => fate === 'refused') ?? { fate: 'unmatched' }

/** One fate for each outcome, in order, and the evidence they make, reported at `at` (epoch milliseconds), one for each canary. */
export const joinOutcomes = (
  outcomes: readonly ReportedOutcome[],
  comparedAs: (event: number) => readonly Compared[],
  at: number,
): { readonly fates: readonly OutcomeFate[]; readonly evidence: readonly Evidence[] } => {
  const builders = new Map<string, EvidenceBuilder>()
  const builderOf = ({ key, subject }: Compared): EvidenceBuilder => {
    const builder = builders.get(key) ?? new EvidenceBuilder(subject, [], DEFAULT_JUDGEMENT.latency)
    builders.set(key, builder)
    return builder
  }
  const fates = outcomes.map((outcome) =>
    bestFate(comparedAs(outcome.event).map((compared) => join(compared, outcome, at, builderOf(compared)))),
  )
  const evidence = [...builders.values()].filter(({ isEmpty }) => !isEmpty).map((builder) => builder.toEvidence())
  return { fates, evidence }
}
