/** Runs one row and compares what was promised with what is found. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExpectedAnswers } from './expected.ts'
import { hasStoodIn, judgePrediction, type Rules } from './judge.ts'
import { countedBy, type Found, readBack } from './read-back.ts'
import type { Row, RowFigures } from './row.ts'
import type { Sender } from './sender.ts'
import { Stage, type StageParts } from './stage.ts'

/** A flush begins a second after an observation, and may be tried again after that. */
const LOOK_MILLISECONDS = 300
const LOOKS = 40

interface Compared {
  readonly archived: number
  readonly letters: number
  readonly missing: number
  readonly doubles: number
  readonly wrong: number
  /** Events that the consumer had: not those that were refused at the door. */
  readonly consumed: number
  /** Of these, those that something else answered than the version that should: counted as its failure, and as an answer. */
  readonly stoodIn: number
}

const compare = (found: Found, sender: Sender, expected: ExpectedAnswers, rules: Rules): Compared => {
  const times = new Map<string, number>()
  const add = (key: string): void => void times.set(key, (times.get(key) ?? 0) + 1)
  for (const { key } of [...found.archived, ...found.letters]) add(key)
  const promised = new Set([...sender.accepted.keys(), ...sender.letters])
  const missing = [...promised].filter((key) => !times.has(key))
  const doubled = [...times].filter(([key, count]) => count > 1 || !promised.has(key))
  if (missing.length > 0) sender.fault(`not found: ${missing.slice(0, 3).join(', ')}`)
  if (doubled.length > 0)
    sender.fault(`found more than once, or never accepted: ${JSON.stringify(doubled.slice(0, 3))}`)
  let wrong = 0
  for (const { key, prediction } of found.archived) {
    const base = sender.accepted.get(key)?.base
    if (base === undefined || base === null) continue
    const verdict = judgePrediction(prediction, base, expected, rules)
    if (verdict.as !== 'wrong') continue
    wrong++
    sender.fault(`in the archive, ${key}: ${verdict.why}`)
  }
  return {
    archived: found.archived.length,
    letters: found.letters.length,
    missing: missing.length,
    doubles: doubled.length,
    wrong,
    stoodIn: found.archived.filter(({ prediction }) => hasStoodIn(prediction)).length,
    consumed: found.archived.length + found.letters.filter(({ key }) => sender.accepted.has(key)).length,
  }
}

const check = (row: Row, figures: Omit<RowFigures, 'faults'>, consumed: number, sender: Sender): void => {
  const { sent, answered, wrong, counted, observed, injected } = figures
  if (answered < sent) sender.fault(`${sent - answered} requests were not answered`)
  if (wrong > 0) sender.fault(`${wrong} wrong answers`)
  if (sender.waiting > 0) sender.fault(`${sender.waiting} events were not taken in the end`)
  for (const name of ['flagged', 'refused', 'letters'] as const) {
    const least = row.least?.[name] ?? 0
    if (figures[name] < least) sender.fault(`${name}: ${figures[name]}, expected ${least} at least`)
  }
  if (counted !== consumed) sender.fault(`the statistics counted ${counted} of ${consumed} events`)
  const isObserved = row.losesIsolate === true ? observed.counted <= observed.of : observed.counted === observed.of
  if (!isObserved) sender.fault(`the statistics counted ${observed.counted} of ${observed.of} answers`)
  if (injected === 0 && row.isUninjected !== true) sender.fault('nothing was got wrong')
}

/**
 * What the statistics counted of the requests. One more prediction lets the isolate send what it could not bring; it is waited for as long as
 * some is missing, and a moment longer for what would be too much.
 */
const observedBy = async (stage: Stage): Promise<number> => {
  await stage.sender.predict(1)
  const isThere = async (): Promise<boolean> => (await countedBy('fetch', stage.origin)) >= stage.sender.observed
  for (let look = 0; look < LOOKS && !(await isThere()); look++) await sleep(LOOK_MILLISECONDS)
  await sleep(LOOK_MILLISECONDS)
  return countedBy('fetch', stage.origin)
}

interface Counts {
  readonly counted: number
  readonly observed: number
}

const figuresOf = (row: Row, stage: Stage, compared: Compared, counts: Counts, seconds: number) => {
  const { predictions, posts, accepted, letters } = stage.sender
  const { archived, missing, doubles, wrong } = compared
  return {
    name: row.name,
    fault: row.fault,
    sent: predictions.sent + posts.sent,
    answered: predictions.answered + posts.answered,
    within: predictions.within + posts.within,
    predictions: { sent: predictions.sent, within: predictions.within },
    flagged: predictions.flagged + posts.flagged,
    refused: predictions.refused + posts.refused,
    wrong: predictions.wrong + posts.wrong + wrong,
    accepted: accepted.size + letters.size,
    archived,
    letters: compared.letters,
    missing,
    doubles,
    counted: counts.counted,
    observed: { counted: counts.observed, of: stage.sender.observed },
    injected: stage.injected,
    seconds,
  }
}

/** Never rejects for what the row itself comes to: that is among its faults. */
export const runRow = async (row: Row, parts: Omit<StageParts, 'row' | 'rules' | 'variables'>): Promise<RowFigures> => {
  const start = performance.now()
  const rules: Rules = { mayFail: false, ...row.rules }
  const stage = await Stage.open({ ...parts, row: row.name, rules, variables: row.variables ?? {} })
  const { sender } = stage
  try {
    let compared: Compared = { archived: 0, letters: 0, missing: 0, doubles: 0, wrong: 0, consumed: 0, stoodIn: 0 }
    let counted = 0
    let observed = 0
    try {
      await row.run(stage)
      await stage.heal()
      await sender.resend()
      await stage.drained()
      compared = compare(await readBack(stage.worker.miniflare, stage.origin), sender, parts.expected, rules)
      counted = (await countedBy('queue', stage.origin)) - compared.stoodIn
      observed = await observedBy(stage)
    } catch (error) {
      sender.fault(String(error))
    }
    const figures = figuresOf(row, stage, compared, { counted, observed }, (performance.now() - start) / 1_000)
    check(row, figures, compared.consumed, sender)
    if (sender.faults.length > 0)
      for (const line of stage.log.slice(-20)) sender.faults.push(`log: ${line.slice(0, 300)}`)
    return { ...figures, faults: sender.faults }
  } finally {
    await stage.close()
  }
}
