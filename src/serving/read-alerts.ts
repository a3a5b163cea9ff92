/** The alerts as the watch last saw them. */
import { EMPTY_OUTBOX, type Outbox } from '../core/alerts/outbox.ts'
import { type Clock, deadlineIn } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { Alerts } from '../protocol/alerts.ts'
import { ALERTS_NOTE, OUTBOX_NOTE, readAlertsNote, readOutbox } from './alert-note.ts'
import type { WatchReader } from './ports/watch-duties.ts'

export interface AlertReaderParts {
  readonly watch: WatchReader
  readonly clock: Clock
  readonly deadlineMilliseconds: number
}

/** Six looks that did not come. */
const STALE_MILLISECONDS = 60_000

const deliveryOf = ({ waiting, undelivered, forgotten }: Outbox): Omit<Alerts['delivery'], 'webhook'> => ({
  waiting: waiting.length,
  undelivered: undelivered.map(({ transition, tries }) => ({ ...transition, tries })),
  forgotten,
})

export class AlertReader {
  constructor(private readonly parts: AlertReaderParts) {}

  /** Throws `statistics_unavailable` when the watch does not answer. */
  async read(): Promise<Alerts> {
    const { watch, clock, deadlineMilliseconds } = this.parts
    const deadline = deadlineIn(clock, deadlineMilliseconds)
    const [alerts, outbox] = await Promise.all([
      watch.note(ALERTS_NOTE, deadline),
      watch.note(OUTBOX_NOTE, deadline),
    ]).catch((cause: unknown) => {
      throw new Failure('statistics_unavailable', 'the watch, which keeps the alerts, does not answer', undefined, {
        cause,
      })
    })
    const note = readAlertsNote(alerts)
    if (note === null) {
      const delivery = { webhook: null, ...deliveryOf(EMPTY_OUTBOX) }
      return { evaluated_at: null, stale: true, alerts: [], unknown: [], recent: [], delivery }
    }
    return {
      evaluated_at: note.at,
      stale: clock.epochMilliseconds() - note.at > STALE_MILLISECONDS,
      alerts: note.active.map(({ name, severity, state, labels, value, since, firedAt }) => ({
        ...{ name, severity, state, labels, value, since },
        firing_since: firedAt,
      })),
      unknown: [...note.unknown],
      recent: note.recent
        .map(({ name, severity, labels, value, to, at }) => ({ name, severity, labels, value, to, at }))
        .reverse(),
      delivery: { webhook: note.webhook, ...deliveryOf(readOutbox({ read: () => outbox })) },
    }
  }
}
