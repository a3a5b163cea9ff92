/** Rows in which the process is killed between the receipt of events and the end of their effect. */
import type { Fault } from './fault-plan.ts'
import type { Row } from './row.ts'

interface Kill {
  readonly name: string
  readonly when: string
  readonly moment: Fault
  /** Whether something was in the archive by then. */
  readonly hasArchived: boolean
  readonly isQuick?: boolean
}

/** The consumer is stopped at `moment`, then the process is killed: what it had done is on disk, what it had not is not. */
const killedAt = ({ name, when, moment, hasArchived, isQuick = false }: Kill): Row => ({
  name,
  fault: `the isolate is killed ${when}`,
  isQuick,
  losesIsolate: true,
  async run(stage) {
    await stage.inject({ ...moment, side: 'queue' })
    await stage.sender.ingest(10, 20)
    await stage.sender.predict(50)
    await stage.until('the consumer is there', ({ injected }) => Object.keys(injected).length > 0)
    const texts = await stage.kill()
    const objects = await stage.archiveObjects()
    if (objects > 0 !== hasArchived) throw new Error(`killed at another moment: ${objects} objects in the archive`)
    await stage.deliver(texts, 2)
    await stage.sender.predict(50)
  },
})

export const KILL_ROWS: readonly Row[] = [
  killedAt({
    name: 'killed-before-claim',
    when: 'after the 202, before anything is claimed',
    moment: { target: 'EVENT_OWNERS', kind: 'hang' },
    hasArchived: false,
  }),
  killedAt({
    name: 'killed-after-claim',
    when: 'when events are claimed',
    moment: { target: 'EVENT_OWNERS', kind: 'held' },
    hasArchived: false,
  }),
  killedAt({
    name: 'killed-while-archiving',
    when: 'when some of the archive objects are written',
    moment: { target: 'ARCHIVE', methods: ['put'], kind: 'held', nth: 3 },
    hasArchived: true,
    isQuick: true,
  }),
  killedAt({
    name: 'killed-before-flush',
    when: 'when all is archived and counted, before it is acknowledged',
    moment: { target: 'STATS_AGGREGATOR', methods: ['applyMany'], kind: 'held' },
    hasArchived: true,
  }),
]
