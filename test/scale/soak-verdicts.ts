/** Judges a soak: each measure by its rule, and what clients were answered and promised. */
import { isSound } from './soak-ledger.ts'
import { MEASURES, type Measure, WARM_UP_SHARE } from './soak-measures.ts'
import type { Reading } from './soak-reading.ts'
import type { Soaked } from './soak-run.ts'
import { bendOf, growthOf, slopeOf } from './soak-trend.ts'

export interface Verdict {
  readonly name: string
  readonly holds: boolean
  readonly found: string
  readonly allowed: string
}

/** Of all requests, those that may be told to come again later: the machine is loaded to its limit. */
const UNAVAILABLE_SHARE = 0.001
/** With fewer there is no line to speak of. */
const LEAST_READINGS = 8

const shown = (value: number): string => {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 1 : 3
  return value.toFixed(digits)
}

const afterWarmUp = (readings: readonly Reading[], seconds: number): readonly Reading[] =>
  readings.filter((reading) => reading.seconds >= seconds * WARM_UP_SHARE)

export const judgeMeasure = (measure: Measure, readings: readonly Reading[], seconds: number): Verdict => {
  const { of, rule, unit } = measure
  const name = `${measure.name}, ${unit}`
  const later = afterWarmUp(readings, seconds)
  switch (rule.kind) {
    case 'flat': {
      const growth = growthOf(later.map((reading) => ({ x: reading.seconds, y: of(reading) })))
      const last = later.at(-1)
      return {
        name,
        holds: growth <= rule.most,
        found: `${last === undefined ? '-' : shown(of(last))}, grew by ${shown(growth)}`,
        allowed: `by ${rule.most}`,
      }
    }
    case 'straight': {
      const points = later.map((reading) => ({ x: rule.driver(reading), y: of(reading) }))
      const bend = bendOf(points)
      return {
        name,
        holds: bend <= 1 + rule.bend,
        found: `${shown(slopeOf(points))} a ${rule.by}, the later half ${shown(bend)} times the earlier`,
        allowed: `${1 + rule.bend} times`,
      }
    }
    case 'bounded': {
      const used = readings.map((reading, index) => {
        const bound = rule.bound(reading, readings.slice(0, index))
        return { value: of(reading), bound, excess: of(reading) - bound }
      })
      const worst = used.reduce((one, other) => (other.excess > one.excess ? other : one))
      const most = Math.max(...used.map(({ value }) => value))
      return {
        name,
        holds: worst.excess <= 0,
        found:
          worst.excess <= 0 ? `at most ${shown(most)}` : `${shown(worst.value)} where ${shown(worst.bound)} may be`,
        allowed: rule.by,
      }
    }
  }
}

const none = (name: string, found: number): Verdict => ({
  name,
  holds: found === 0,
  found: String(found),
  allowed: '0',
})

const judgeAnswers = ({
  tally,
  account,
  parked,
  failedTends,
  failedCommands,
  ruleChanges,
  unforeseen,
}: Soaked): readonly Verdict[] => {
  const { requests, internal, hung, unexpected, unavailable } = tally
  const { accepted, archived, givenUp, missing, doubles, unpromised, letters, lettersFound } = account
  return [
    none('answers with 500', internal),
    none('requests that hung', hung),
    none('other answers than promised', unexpected),
    {
      name: 'answers with 503 or 504',
      holds: unavailable <= requests * UNAVAILABLE_SHARE,
      found: String(unavailable),
      allowed: `${UNAVAILABLE_SHARE * 100} % of ${requests}`,
    },
    {
      name: 'events accepted',
      holds: isSound(account) && accepted === archived + givenUp,
      found: `${archived} archived, ${givenUp} dead letters, ${missing} missing, ${doubles} twice, ${unpromised} unpromised`,
      allowed: String(accepted),
    },
    {
      name: 'dead letters promised',
      holds: letters === lettersFound,
      found: String(lettersFound),
      allowed: String(letters),
    },
    none('letters left in the bucket', parked),
    none('runs of the cron trigger that failed', failedTends),
    none('release commands that failed', failedCommands),
    none('releases that a rule changed', ruleChanges),
    none('errors in the log that nobody foresaw', unforeseen),
  ]
}

export const judge = (soaked: Soaked): readonly Verdict[] => {
  const { readings, seconds } = soaked
  const judged = afterWarmUp(readings, seconds).length
  if (judged < LEAST_READINGS)
    throw new Error(`${judged} readings after the warm-up are too few, expected ${LEAST_READINGS}`)
  return [...MEASURES.map((measure) => judgeMeasure(measure, readings, seconds)), ...judgeAnswers(soaked)]
}
