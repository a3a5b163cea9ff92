/** Works out in plain Node what right answers are: from stdin the events as JSON texts, to stdout an `ExpectedAnswers`. Bundled and run by expected.ts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Prediction } from '../../src/protocol/answers.ts'
import { manifestSchema } from '../../src/protocol/manifest.ts'
import { ZipStoreFault } from '../../src/serving/ports.ts'
import { referenceMeans } from '../../src/serving/reference-means.ts'
import { bundledApp, ROOT } from '../support/bundled-app.ts'
import type { ExpectedAnswers } from './expected.ts'

const BATCH = 1_000

const predictAll = async (
  app: ReturnType<typeof bundledApp>['app'],
  events: readonly string[],
): Promise<readonly Prediction[]> => {
  const predictions: Prediction[] = []
  for (let start = 0; start < events.length; start += BATCH) {
    const body = `[${events.slice(start, start + BATCH).join(',')}]`
    const answer = await app.request('/v1/predict', { method: 'POST', body })
    const { predictions: some } = (await answer.json()) as { predictions: Prediction[] }
    predictions.push(...some)
  }
  return predictions
}

const readJson = (file: string): unknown =>
  JSON.parse(readFileSync(join(ROOT, 'model/late-arrival/1.0.0', file), 'utf8'))

const events = JSON.parse(await text(process.stdin)) as readonly string[]
const noStore = bundledApp(() => ({
  read: () => Promise.reject(new ZipStoreFault('error', 'there is no store')),
}))
const means = referenceMeans(manifestSchema.parse(readJson('manifest.json')), readJson('reference.json'))
if (means === null) throw new Error('the reference profile tells no means')
const expected: ExpectedAnswers = {
  exact: await predictAll(bundledApp().app, events),
  coarse: await predictAll(noStore.app, events),
  means,
}
process.stdout.write(JSON.stringify(expected))
