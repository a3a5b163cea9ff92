/** Rows whose fault is a store: KV and R2. */

import type { Fault } from './fault-plan.ts'
import type { Row } from './row.ts'
import { releaseTwin } from './rows-models.ts'
import type { Stage } from './stage.ts'
import { type Change, PACKS } from './traffic.ts'

const PREDICTIONS = 200

const KV: readonly Pick<Fault, 'target'>[] = [{ target: 'ZIP_FEATURES' }, { target: 'RELEASES' }]

const trafficOf = async (stage: Stage): Promise<void> => {
  await stage.sender.predict(PREDICTIONS)
  await stage.sender.ingest(10, 20)
  // The consumer works them off while the fault is still there.
  await stage.drained()
}

const kvRow = (name: string, fault: string, kind: Fault['kind'], isQuick: boolean): Row => ({
  name,
  fault,
  isQuick,
  least: { flagged: PREDICTIONS },
  async run(stage) {
    await stage.inject(...KV.map((target): Fault => ({ ...target, kind })))
    await trafficOf(stage)
  },
})

/** By turns: cut off, of another form, no JSON, of other zips, with a hole where a number belongs. */
const garbageFor = (value: string, index: number): string =>
  [
    value.slice(0, value.length / 2),
    '{"format":99,"zips":[]}',
    '\u0000\u0001not JSON',
    PACKS[(index + 7) % PACKS.length].value,
    value.replace(/\d+\.\d+/g, 'null'),
  ][index % 5]

/** Larger than a message. */
const large: Change = (source) => ({ ...source, padding: 'x'.repeat(110_000) })

export const STORE_ROWS: readonly Row[] = [
  {
    name: 'nothing',
    fault: 'none: the same traffic on a healthy worker',
    isQuick: false,
    isUninjected: true,
    run: trafficOf,
  },
  kvRow('kv-hangs', 'KV hangs', 'hang', true),
  kvRow('kv-errors', 'KV fails', 'error', false),
  {
    name: 'kv-garbage',
    fault: 'KV returns garbage, five kinds',
    isQuick: false,
    isUninjected: true,
    least: { flagged: PREDICTIONS },
    async run(stage) {
      const zips = await stage.worker.miniflare.getKVNamespace('ZIP_FEATURES')
      await Promise.all(PACKS.map(({ key, value }, index) => zips.put(key, garbageFor(value, index))))
      const releases = await stage.worker.miniflare.getKVNamespace('RELEASES')
      await releases.put('release/late-arrival', '{"model":"another","stable":42')
      await stage.renew()
      await trafficOf(stage)
    },
  },
  {
    name: 'r2-read',
    fault: 'R2 is down on read: models and events by reference',
    isQuick: false,
    least: { flagged: PREDICTIONS },
    async run(stage) {
      await releaseTwin(stage)
      await stage.inject(
        { target: 'MODELS', methods: ['get'], kind: 'error' },
        { target: 'ARCHIVE', methods: ['get'], kind: 'error', first: 4 },
      )
      // A cold isolate, which cannot load what is released.
      await stage.order({ renews: true })
      await stage.sender.predict(PREDICTIONS)
      await stage.sender.ingest(3, 4, large)
      await stage.sender.ingest(5, 20)
      await stage.drained()
    },
  },
  {
    name: 'r2-read-hangs',
    fault: 'R2 hangs on read: models',
    isQuick: false,
    least: { flagged: PREDICTIONS },
    async run(stage) {
      await releaseTwin(stage)
      await stage.inject({ target: 'MODELS', methods: ['get'], kind: 'hang' })
      await stage.order({ renews: true })
      await stage.sender.predict(PREDICTIONS)
      await stage.sender.ingest(10, 20)
      await stage.drained()
    },
  },
  {
    name: 'r2-write',
    fault: 'R2 is down on write, and comes back',
    isQuick: true,
    variables: { CIRCUIT_SECONDS: '1' },
    async run(stage) {
      await stage.inject({ target: 'ARCHIVE', methods: ['put'], kind: 'error' })
      await stage.sender.ingest(2, 4, large)
      await stage.sender.ingest(10, 20)
      await stage.sender.predict(PREDICTIONS)
      await stage.until('the archive was refused', ({ injected }) => (injected.ARCHIVE ?? 0) >= 10)
    },
  },
  {
    name: 'r2-write-for-good',
    fault:
      'R2 is down on write until all deliveries are used up (INGEST_ATTEMPTS=2); what are dead letters then is replayed, twice',
    isQuick: false,
    variables: { INGEST_ATTEMPTS: '2' },
    async run(stage) {
      await stage.inject({ target: 'ARCHIVE', methods: ['put'], kind: 'error' })
      await stage.sender.ingest(5, 20)
      await stage.sender.predict(PREDICTIONS)
      await stage.drained()
      await stage.heal()
      await stage.renew()
      const replayed = await stage.replay({ filter: { code: 'archive_unavailable' } })
      if (replayed !== 98) throw new Error(`${replayed} dead letters were replayed, expected 98`)
      await stage.replay({ filter: { code: 'archive_unavailable', state: 'replaying' }, again: true })
      await stage.drained()
    },
  },
  {
    name: 'r2-loses-replies',
    fault: 'R2 writes and loses its replies, then hangs',
    isQuick: false,
    async run(stage) {
      await stage.inject(
        { target: 'ARCHIVE', methods: ['put'], kind: 'reply_lost', first: 4 },
        { target: 'ARCHIVE', methods: ['put'], kind: 'hang', nth: 5 },
      )
      await stage.sender.ingest(8, 20)
      await stage.sender.predict(PREDICTIONS)
      await stage.drained()
    },
  },
]
