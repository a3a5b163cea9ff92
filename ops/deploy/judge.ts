/** Whether a new version of the code may go on, by how the events it took ended. Pure. */

export interface Outcome {
  readonly events: number
  readonly failed: number
}

export interface JudgeSettings {
  /** The share of events that may fail by a fault of the service, in [0, 1]. */
  readonly budget: number
  /** Of the new version, before it may go on; probes count, since they are events. */
  readonly minimumEvents: number
  readonly bakeMilliseconds: number
  /** After which a step that could not be judged is given up. */
  readonly patienceMilliseconds: number
}

export const DEFAULT_SETTINGS: JudgeSettings = {
  budget: 0.01,
  minimumEvents: 100,
  bakeMilliseconds: 300_000,
  patienceMilliseconds: 900_000,
}

export interface Evidence {
  /** What the statistics say of the new version; `null` while they cannot be read. */
  readonly fresh: Outcome | null
  /** The same of the version before. */
  readonly before: Outcome | null
  /** What came back to requests of our own that named the new version. */
  readonly probes: Outcome
  readonly elapsedMilliseconds: number
}

export interface Judgement {
  readonly move: 'go on' | 'wait' | 'roll back'
  readonly reason: string
}

/** 99 % two-sided. */
const Z = 2.576

/** The lower end of Wilson's interval for the share that fails. */
export const leastShare = ({ events, failed }: Outcome): number => {
  if (events === 0) return 0
  const share = failed / events
  const square = Z * Z
  const centre = share + square / (2 * events)
  const spread = Z * Math.sqrt((share * (1 - share)) / events + square / (4 * events * events))
  return (centre - spread) / (1 + square / events)
}

export const shareOf = ({ events, failed }: Outcome): number => (events === 0 ? 0 : failed / events)

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
const told = ({ events, failed }: Outcome): string => `${failed} of ${events} events failed`

/**
 * A share of failures that is surely above the budget, and above that of the version before in the same minutes, is a breach: a store that is
 * down fails both, and is no fault of the new code. What cannot be judged in time is rolled back too.
 */
export const judge = (
  { fresh, before, probes, elapsedMilliseconds }: Evidence,
  { budget, minimumEvents, bakeMilliseconds, patienceMilliseconds }: JudgeSettings,
): Judgement => {
  const tolerated = Math.max(budget, before === null ? 0 : shareOf(before))
  for (const [who, outcome] of [
    ['of the new version', fresh],
    ['of the probes', probes],
  ] as const) {
    if (outcome !== null && leastShare(outcome) > tolerated) {
      const reason = `${told(outcome)} ${who}, ${percent(shareOf(outcome))}; ${percent(tolerated)} is tolerated`
      return { move: 'roll back', reason }
    }
  }
  const open =
    fresh === null
      ? 'the statistics do not tell how its events end'
      : fresh.events < minimumEvents
        ? `only ${fresh.events} events of ${minimumEvents} are counted`
        : shareOf(fresh) > budget
          ? `${told(fresh)}, ${percent(shareOf(fresh))}, over the budget of ${percent(budget)}`
          : null
  if (open !== null) {
    return elapsedMilliseconds >= patienceMilliseconds
      ? { move: 'roll back', reason: `it could not be judged in time: ${open}` }
      : { move: 'wait', reason: open }
  }
  return elapsedMilliseconds >= bakeMilliseconds
    ? { move: 'go on', reason: fresh === null ? '' : told(fresh) }
    : { move: 'wait', reason: 'it bakes' }
}
