/** Rows whose fault is the model. */
import { servedModel } from '../../bench/model.ts'
import { publishTwin, switchTo } from '../../bench/twin-version.ts'
import { SECRETS } from '../../bench/worker.ts'
import { versionFileKey } from '../../src/protocol/store-keys.ts'
import type { Row } from './row.ts'
import type { Stage } from './stage.ts'

const PREDICTIONS = 200
export const TWIN = '1.1.0-twin'

/** Releases a version that lies in the bucket, the same graph as the bundled one; resolves when cold isolates hear of it too. */
export const releaseTwin = async (stage: Stage): Promise<string> => {
  const model = await servedModel(stage.worker.port)
  const deployment = { url: new URL(stage.origin), token: SECRETS.ADMIN_TOKEN }
  await publishTwin(deployment, model, TWIN)
  await switchTo(deployment, model.name, TWIN)
  const copies = await stage.worker.miniflare.getKVNamespace('RELEASES')
  await stage.untilTrue('the copy of the release', async () => {
    const copy = await copies.get(`release/${model.name}`, 'text')
    return copy?.includes(TWIN) === true
  })
  return model.name
}

export const MODEL_ROWS: readonly Row[] = [
  {
    name: 'model-corrupt',
    fault: 'the file of the released model is corrupt, in isolates that start',
    isQuick: true,
    isUninjected: true,
    least: { flagged: PREDICTIONS },
    async run(stage) {
      const model = await releaseTwin(stage)
      const bucket = await stage.worker.miniflare.getR2Bucket('MODELS')
      await bucket.put(versionFileKey(model, TWIN, 'model'), 'this is no graph')
      await stage.order({ renews: true })
      await stage.sender.predict(PREDICTIONS)
      await stage.sender.ingest(10, 20)
      await stage.drained()
    },
  },
  {
    name: 'session-throws',
    fault: 'sessions throw, and none can be opened anew',
    isQuick: false,
    isUninjected: true,
    least: { flagged: PREDICTIONS },
    async run(stage) {
      // The means that stand in are brought to memory after the first answer.
      await stage.sender.ingest(1, 2)
      await stage.drained()
      await stage.order({ sessions: { areBroken: true, startFails: true } })
      await stage.sender.predict(PREDICTIONS)
      await stage.sender.ingest(10, 20)
      await stage.drained()
    },
  },
  {
    name: 'session-refuses',
    fault: 'the same with MODEL_FALLBACK=refuse: predictions are refused, events wait',
    isQuick: false,
    isUninjected: true,
    variables: { MODEL_FALLBACK: 'refuse' },
    least: { refused: PREDICTIONS },
    async run(stage) {
      await stage.sender.ingest(1, 2)
      await stage.drained()
      await stage.order({ sessions: { areBroken: true, startFails: true } })
      await stage.sender.predict(PREDICTIONS)
      await stage.sender.ingest(10, 20)
      await stage.until('each message was refused', ({ retried }) => retried >= 10)
    },
  },
  {
    name: 'output-nan',
    fault: 'the model gives NaN: each event is a dead letter',
    isQuick: true,
    isUninjected: true,
    rules: { mayFail: true },
    least: { refused: PREDICTIONS, letters: 100 },
    async run(stage) {
      await stage.order({ sessions: { areNaN: true } })
      await stage.sender.predict(PREDICTIONS)
      await stage.sender.ingest(5, 20)
      await stage.drained()
    },
  },
  {
    name: 'output-nan-nowhere',
    fault: 'the same while dead letters have no place: their object and the bucket are down, and come back',
    isQuick: false,
    rules: { mayFail: true },
    least: { letters: 100 },
    async run(stage) {
      await stage.inject(
        { target: 'DEAD_LETTERS', kind: 'error' },
        { target: 'ARCHIVE', methods: ['put'], kind: 'error' },
      )
      await stage.order({ sessions: { areNaN: true } })
      await stage.sender.ingest(5, 20)
      await stage.until('each message was to come again', ({ retried }) => retried >= 5)
      await stage.inject()
      await stage.drained()
    },
  },
]
