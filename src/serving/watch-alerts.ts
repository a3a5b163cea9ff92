/** Looks every ten seconds whether an alert fires or is over, and tells whoever is to be told. */
import { type AlertTransition, advanceAlerts, alertKey } from '../core/alerts/advance.ts'
import { type AlertReadings, judgeConditions } from '../core/alerts/conditions.ts'
import { dueNotification, settleNotification, writeNotifications } from '../core/alerts/outbox.ts'
import { type Clock, type Deadline, deadlineIn } from '../core/clock.ts'
import type { LogEntry } from '../core/log-entry.ts'
import {
  ALERTS_NOTE,
  type AlertsNote,
  RECENT_TRANSITIONS,
  readAlertsNote,
  readOutbox,
  repeated,
  writeOutbox,
} from './alert-note.ts'
import { DRIFT_NOTE, freshDriftNote } from './drift-note.ts'
import type { AlertCountsReader, AlertSink } from './ports/alert-parts.ts'
import type { DeadLetters } from './ports/dead-letters.ts'
import type { ReleaseControl } from './ports/release-control.ts'
import type { Duty, Notes } from './ports/watch-duties.ts'
import type { Timers } from './ports.ts'
import { monthOf, ZIPS_NOTE, type ZipsNote } from './watch-findings.ts'
import { TIMED_OUT, within } from './within.ts'

export interface AlertParts {
  readonly counts: AlertCountsReader
  readonly letters: Pick<DeadLetters, 'totals'>
  readonly control: Pick<ReleaseControl, 'read'>
  /** The release of the zip data that is served, for example `2026-11`; `null`: none is there. Rejects when the store does not answer. */
  readonly zipRelease: (deadline: Deadline) => Promise<string | null>
  /** The models that ship in the bundle; others are known by their counts. */
  readonly models: readonly string[]
  /** Absent: alerts are only listed. */
  readonly sink?: AlertSink
  readonly clock: Clock
  readonly timers: Timers
  /** In [0, 1). */
  readonly random: () => number
  readonly log: (entry: LogEntry) => void
  /** Zip data older than this is stale, in months. */
  readonly staleMonths: number
  /** After how long a page that still fires is sent again; `null`: never. */
  readonly repeatMilliseconds: number | null
  readonly deadlineMilliseconds: number
}

const EVERY_MILLISECONDS = 10_000
/** What seldom changes is asked for once a minute. */
const SELDOM_MILLISECONDS = 60_000
const DELIVERY_MILLISECONDS = 5_000
/** Deliveries of one turn: the next is ten seconds later. */
const MOST_DELIVERIES = 10

/** Whole months from a release such as `2026-11` to `now`, epoch milliseconds; `null` for one that names no month. */
export const ageInMonths = (release: string, now: number): number | null => {
  const month = monthOf(release)
  if (month === null) return null
  const [from, to] = [new Date(month), new Date(now)]
  return (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth()
}

/** The drift that the watch noted; `null`: it has not judged any yet, or not of late at `now`, epoch milliseconds. */
export const driftedOf = (value: unknown, now: number): AlertReadings['drifted'] =>
  freshDriftNote(value, now)?.versions.flatMap(({ model, version, drifted }) =>
    drifted.map(({ key }) => ({ model, version, series: key })),
  ) ?? null

type Seldom = Pick<AlertReadings, 'rollbacks' | 'zipData'>

export const alertDuties = (parts: AlertParts): readonly Duty[] => {
  const { counts, letters, control, sink, clock, timers, log } = parts
  let seldom: (Seldom & { readonly at: number }) | null = null

  /** `null`: it failed, or takes too long; said in the log. */
  const inTime = async <T>(what: string, work: Promise<T>, deadline: Deadline): Promise<T | null> => {
    try {
      const value = await within(work, deadline, timers)
      if (value !== TIMED_OUT) return value
      log(`alerts without ${what}: no answer in time`)
    } catch (error) {
      log(`alerts without ${what}: ${String(error)}`)
    }
    return null
  }

  const rolledBack = async (model: string, deadline: Deadline) => {
    const { history } = await control.read(model, { limit: 1, before: null }, deadline)
    return history.flatMap(({ actor, command, before }) =>
      actor.kind === 'rule' && command.command === 'rollback'
        ? [{ model, version: before.canary?.version ?? before.stable }]
        : [],
    )
  }

  const readSeldom = async (notes: Notes, models: readonly string[], now: number): Promise<Seldom> => {
    if (seldom !== null && now >= seldom.at && now - seldom.at < SELDOM_MILLISECONDS) return seldom
    // Its own: the statistics may have used up theirs.
    const deadline = deadlineIn(clock, parts.deadlineMilliseconds)
    const [rollbacks, zips] = await Promise.all([
      inTime('the releases', Promise.all(models.map((model) => rolledBack(model, deadline))), deadline),
      inTime(
        'the zip data',
        parts.zipRelease(deadline).then((release) => ({ release })),
        deadline,
      ),
    ])
    const release = zips?.release ?? null
    if (release !== null) notes.write(ZIPS_NOTE, { format: 1, release } satisfies ZipsNote)
    const ageMonths = release === null ? null : ageInMonths(release, now)
    const read: Seldom = {
      rollbacks: rollbacks?.flat() ?? null,
      zipData: ageMonths === null ? null : { ageMonths, staleMonths: parts.staleMonths },
    }
    // What failed is asked for again at the next look.
    if (read.rollbacks !== null && zips !== null) seldom = { ...read, at: now }
    return read
  }

  const read = async (notes: Notes, now: number): Promise<AlertReadings> => {
    const deadline = deadlineIn(clock, parts.deadlineMilliseconds)
    const asked = inTime('the statistics', counts.read(now, deadline), deadline)
    const models = asked.then((counted) => [...new Set([...parts.models, ...(counted?.models ?? [])])])
    const [counted, totals, rest] = await Promise.all([
      asked,
      inTime('the dead letters', letters.totals(deadline), deadline),
      models.then((known) => readSeldom(notes, known, now)),
    ])
    return {
      windows: counted?.windows ?? {},
      shards: counted?.shards ?? null,
      deadLetters: totals === null ? 'unreachable' : totals.waiting,
      drifted: driftedOf(notes.read(DRIFT_NOTE), now),
      ...rest,
    }
  }

  const look = async (notes: Notes, now: number): Promise<void> => {
    const conditions = judgeConditions(await read(notes, now))
    const before = readAlertsNote(notes.read(ALERTS_NOTE))
    const { active, transitions } = advanceAlerts(before?.active ?? [], conditions, now)
    const again = repeated({ active, toldAt: before?.toldAt ?? {} }, now, parts.repeatMilliseconds)
    const told: readonly AlertTransition[] = [...transitions, ...again]
    const keys = new Set(active.map(alertKey))
    const toldAt = [...Object.entries(before?.toldAt ?? {}), ...told.map((each) => [alertKey(each), each.at] as const)]
    const note: AlertsNote = {
      format: 1,
      at: now,
      active,
      unknown: [...new Set(conditions.unknown.map(({ name }) => name))],
      recent: [...(before?.recent ?? []), ...transitions].slice(-RECENT_TRANSITIONS),
      toldAt: Object.fromEntries(toldAt.filter(([key]) => keys.has(key))),
      webhook: sink?.format ?? null,
    }
    notes.write(ALERTS_NOTE, note)
    if (sink !== undefined && told.length > 0) writeOutbox(notes, writeNotifications(readOutbox(notes), told, now))
  }

  const deliver = async (notes: Notes, to: AlertSink): Promise<void> => {
    for (let sent = 0; sent < MOST_DELIVERIES; sent++) {
      const due = dueNotification(readOutbox(notes), clock.epochMilliseconds())
      if (due === null) return
      const fault = await to.deliver(due, deadlineIn(clock, DELIVERY_MILLISECONDS)).then(
        () => null,
        (error: unknown) => String(error),
      )
      const now = clock.epochMilliseconds()
      const outbox = readOutbox(notes)
      // A look meanwhile may have given it up.
      const isFirst = JSON.stringify(outbox.waiting[0]) === JSON.stringify(due)
      if (isFirst) writeOutbox(notes, settleNotification(outbox, fault === null, now, parts.random()))
      if (fault !== null) {
        log(`an alert was not delivered, try ${due.tries + 1}: ${fault}`)
        return
      }
    }
  }

  const looking: Duty = { name: 'alerts', everyMilliseconds: EVERY_MILLISECONDS, run: look }
  if (sink === undefined) return [looking]
  // A duty of its own, so that a receiver that hangs holds up no look.
  const delivering: Duty = {
    name: 'alert-delivery',
    everyMilliseconds: EVERY_MILLISECONDS,
    run: (notes) => deliver(notes, sink),
  }
  return [looking, delivering]
}
