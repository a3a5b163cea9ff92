import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { makeRecords, type RecordSize } from '../../../bench/records.ts'
import { bundledReleases } from '../../../src/adapters/bundled-releases.ts'
import { memoryModels } from '../../../src/adapters/memory-models.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { readZipPack } from '../../../src/core/zip/read-zip-pack.ts'
import type { ZipMeans, ZipPack } from '../../../src/core/zip/zip-pack.ts'
import type { Manifest } from '../../../src/protocol/manifest.ts'
import { stringFields } from '../../../src/serving/input-tensors.ts'
import { SessionRegistry } from '../../../src/serving/session-registry.ts'
import { columnsOf, featurizeText, planOf, ZIPS, zipTable } from '../../support/featurize.ts'
import { type NodeApp, nodeApp } from '../../support/node-app.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'
import { graphBytes, storedFixture } from '../../support/onnx-files.ts'
import { memoryZipStore } from '../../support/zips.ts'

const LOGS = new URL('../../../../shared/data/elasticsearch/opensearch-sample-logs.ndjson.gz', import.meta.url)
const REAL_EVENTS = 10_000
const EVENTS_A_REQUEST = 500

/** Fields of every kind; the graph takes only those it was made for. */
const MORE_FIELDS: Manifest['feature_view']['fields'] = [
  { name: 'day_of_year', source: 'time' },
  { name: 'minute_of_day', source: 'time' },
  { name: 'local_day_of_year', source: 'local_time' },
  { name: 'local_day_of_week', source: 'local_time' },
  { name: 'local_hour_of_day', source: 'local_time', default: 12 },
  { name: 'local_minute_of_day', source: 'local_time' },
  { name: 'utc_offset_hours', source: 'local_time' },
  { name: 'bytes', source: 'event' },
  { name: 'ram', source: 'event', path: 'machine.ram' },
  { name: 'os', source: 'event', path: 'machine.os', encoding: { categories: ['osx', 'ios', 'win 8'], unknown: -1 } },
  { name: 'distance_km', source: 'distance', from: 'shipFromZip' },
]

/** What KV holds after it was seeded, and what the bundle holds. */
const seed = (): { readonly packs: Record<string, ZipPack>; readonly means: ZipMeans } => {
  const entries = JSON.parse(readFileSync(ZIPS.packs, 'utf8')) as { key: string; value: string }[]
  return {
    packs: Object.fromEntries(entries.map(({ key, value }) => [key.slice(-3), readZipPack(JSON.parse(value))])),
    means: JSON.parse(readFileSync(ZIPS.means, 'utf8')) as ZipMeans,
  }
}

const manifest = ((): Manifest => {
  const fixture = storedFixture('trees').manifest
  const { feature_view } = fixture
  return { ...fixture, feature_view: { ...feature_view, fields: [...feature_view.fields, ...MORE_FIELDS] } }
})()

const worker = (): NodeApp => {
  const { packs, means } = seed()
  const repository = memoryModels([{ manifest, model: graphBytes('trees').buffer }])
  return nodeApp(
    'trees',
    { PREDICT_DEADLINE_MILLISECONDS: '30000', ZIP_DEADLINE_MILLISECONDS: '30000', ZIP_CACHE_PACKS: '1000' },
    {
      repository,
      releases: bundledReleases(repository),
      sessions: new SessionRegistry(repository, onnxRuntime, systemClock, systemTimers),
      zipStore: memoryZipStore(packs),
      zipMeans: means,
    },
  )
}

interface Answer {
  readonly id: string
  readonly event_time: { readonly epoch_ms: number }
  readonly features: Record<string, number | string | null>
}

const answersOf = async ({ app }: NodeApp, lines: readonly string[]): Promise<Answer[]> => {
  const answers: Answer[] = []
  for (let from = 0; from < lines.length; from += EVENTS_A_REQUEST) {
    const body = lines.slice(from, from + EVENTS_A_REQUEST).join('\n')
    const response = await app.request('/v1/predict?batch=true', { method: 'POST', body })
    expect(response.status).toBe(200)
    answers.push(...((await response.json()) as { predictions: Answer[] }).predictions)
  }
  return answers
}

/** Compares each feature of each answer with the same column of the table. Returns how many were compared. */
const compare = async (lines: readonly string[]): Promise<number> => {
  const answers = await answersOf(worker(), lines)
  const table = zipTable()
  const columns = columnsOf({ view: manifest.feature_view, textFields: stringFields(manifest) })
  const rows = featurizeText(planOf(columns), table, lines.join('\n')) as Record<string, unknown>[]
  expect(rows.length).toBe(answers.length)
  let compared = 0
  answers.forEach(({ id, event_time, features }, index) => {
    const row = rows[index]
    const expected = { event_id: id, epoch_ms: event_time.epoch_ms, ...features }
    const found = Object.fromEntries(Object.keys(expected).map((name) => [name, row[name]]))
    expect(found).toEqual(expected)
    compared += Object.keys(features).length
  })
  return compared
}

describe('the table holds what the worker answers', () => {
  it.each<RecordSize>(['beacon', 'log', 'session'])('for made-up events, %s', async (size) => {
    const lines = makeRecords(size, 300, 9).map((record) => JSON.stringify(record))
    expect(await compare(lines)).toBe(300 * 16)
  })

  it.skipIf(!existsSync(LOGS))('for 10,000 real events, with their own zips or some that are well known', async () => {
    const zips = seed().packs
    const known = Object.values(zips).flatMap((pack) => Object.keys(pack.zips))
    const lines = gunzipSync(readFileSync(LOGS)).toString().trimEnd().split('\n').slice(0, REAL_EVENTS)
    // Three of four events get a zip, in front of their other fields, and half of these another one that they come from.
    const events = lines.map((line, index) => {
      const zip = known[(index * 7_919) % known.length]
      const from = known[(index * 104_729) % known.length]
      if (index % 4 === 0) return line
      return `{"zipCode":"${zip}",${index % 2 === 0 ? `"shipFromZip":${Number(from)},` : ''}${line.slice(1)}`
    })
    expect(await compare(events)).toBe(REAL_EVENTS * 16)
  })
})
