/** Archived events are what the next model is trained on: featurized and verified, they are what was served. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundledReleases } from '../../../src/adapters/bundled-releases.ts'
import { memoryModels } from '../../../src/adapters/memory-models.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { command as verify } from '../../../src/cli/commands/verify.ts'
import { readEvent } from '../../../src/core/event/read-event.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { Prediction } from '../../../src/protocol/answers.ts'
import { archiveLine } from '../../../src/protocol/archive-line.ts'
import { SessionRegistry } from '../../../src/serving/session-registry.ts'
import { ROOT, seededZips, seedStore } from '../../support/bundled-app.ts'
import { runCommand } from '../../support/command-output.ts'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'
import { FOREIGN, servedDirectory } from '../../support/foreign.ts'
import { nodeApp } from '../../support/node-app.ts'
import { onnxRuntime } from '../../support/node-onnx-runtime.ts'
import { linearCongruential } from '../../support/zone-table.ts'

const folder = mkdtempSync(join(tmpdir(), 'nearcast-train-'))
let cli: BuiltCli
afterAll(() => {
  rmSync(folder, { recursive: true })
  cli.remove()
})

const directory = servedDirectory('mlp')
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

/** A model that takes a field of the event, over the committed zip data; the edge knows where its callers are. */
const app = () => {
  const model = new Uint8Array(readFileSync(join(directory, 'model.onnx')))
  const repository = memoryModels([{ manifest: readJson(join(directory, 'manifest.json')), model: model.buffer }])
  const parts = {
    repository,
    releases: bundledReleases(repository),
    sessions: new SessionRegistry(repository, onnxRuntime, systemClock, systemTimers),
    zipStore: seedStore(),
    zipMeans: readJson(join(ROOT, 'kv-seed/zip3-means.json')),
  }
  return nodeApp('trees', { ZIP_FROM_EDGE: 'true' }, parts).app
}

const next = linearCongruential(11)
const zips = seededZips()
const HOUR = 3_600_000

/** All that an archived event may be: a hit or flat, late or early, with a clock that is wrong, without a zip, with a `nearcast` of its own. */
const event = (index: number): JsonObject => {
  const now = Date.now()
  const at = now - (next() % 1_000) * HOUR
  const zip = zips[next() % zips.length] as string
  const record: JsonObject = {
    createdDateTime: at,
    zipCode: zip,
    cart: { items: 1 },
    cart_value: (next() % 10_000) / 7,
  }
  switch (index % 6) {
    case 0:
      return { _index: 'sessions', _id: `e${index}`, _source: record }
    case 1:
      return { ...record, id: `e${index}`, createdDateTime: 'now' }
    case 2:
      // Its clock is three hours slow, and it says so.
      return { ...record, id: `e${index}`, createdDateTime: at - 3 * HOUR, sent_at: now - 3 * HOUR }
    case 3:
      return { id: `e${index}`, '@timestamp': new Date(at).toISOString(), cart_value: index }
    case 4:
      return { ...record, id: `e${index}`, zipCode: '00000', nearcast: { mine: true } }
    default:
      return { ...record, id: `e${index}`, zipCode: Number(zip) }
  }
}

let predictions: Prediction[]
beforeAll(async () => {
  cli = await buildCli()
  const events = Array.from({ length: 600 }, (_, index) => event(index))
  const request = new Request('https://nearcast.test/v1/predict', { method: 'POST', body: JSON.stringify(events) })
  const answer = await app().request(Object.assign(request, { cf: { country: 'US', postalCode: '10001' } }))
  predictions = ((await answer.json()) as { predictions: Prediction[] }).predictions
  const lines = events.map((value, index) => {
    const { record, timeKeys } = readEvent(value, { now: Date.now })
    const prediction = predictions[index] as Prediction
    const sentAt = null
    const given = {
      message: 'm',
      receivedAt: Date.now(),
      sentAt,
      isBot: index % 9 === 0,
      traceId: null,
      letter: null,
      zipPath: 'zipCode',
    }
    return `${archiveLine({ id: prediction.id, record, timeKeys, prediction, ...given })}\n`
  })
  const hour = join(folder, '2026-11-25', '13')
  mkdirSync(hour, { recursive: true })
  writeFileSync(join(hour, 'a.ndjson.gz'), gzipSync(lines.slice(0, 100).join('')))
  // Members one behind the other are one file.
  const members = [lines.slice(100, 101), lines.slice(101, 400), lines.slice(400)].map((of) => gzipSync(of.join('')))
  writeFileSync(join(hour, 'joined-b.ndjson.gz'), Buffer.concat(members))
})

describe('the archive', () => {
  it('holds what every kind of event was answered with', () => {
    expect(predictions.filter(({ features }) => features !== undefined).length).toBe(600)
    const count = (of: (prediction: Prediction) => boolean): number => predictions.filter(of).length
    expect(count(({ zip_source }) => zip_source === 'edge')).toBe(100)
    expect(count(({ event_time }) => event_time.method === 'corrected')).toBe(100)
    expect(count(({ event_time }) => event_time.method === 'received')).toBe(100)
    expect(count(({ imputed }) => imputed.length > 0)).toBe(100)
  })

  it('is verified without a difference, fields of the event included', async () => {
    const zipData = ['--zips', join(ROOT, 'kv-seed')]
    const { code, stdout } = await runCommand(verify, [
      join(folder, '**/*.ndjson.gz'),
      '--json',
      '--models',
      join(FOREIGN, 'served'),
      ...zipData,
    ])
    expect(JSON.parse(stdout)).toMatchObject({ compared: 600, mismatched: 0, not_recomputable: [], errors: 0 })
    expect(code).toBe(0)
  })

  it('finds the difference when a line says it was served otherwise', async () => {
    const file = join(folder, 'wrong.ndjson')
    const [first] = predictions
    const wrong = { ...first, features: { ...first?.features, cart_value: -1 } } as Prediction
    const record = { createdDateTime: first?.event_time.epoch_ms ?? 0, cart_value: 3 }
    const given = {
      message: 'm',
      receivedAt: 0,
      sentAt: null,
      isBot: false,
      traceId: null,
      letter: null,
      zipPath: 'zipCode',
    }
    writeFileSync(file, archiveLine({ id: 'x', record, timeKeys: ['createdDateTime'], prediction: wrong, ...given }))
    const { code, stdout } = await runCommand(verify, [
      file,
      '--json',
      '--models',
      join(FOREIGN, 'served'),
      '--zips',
      join(ROOT, 'kv-seed'),
    ])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ mismatched: 1, mismatches: { cart_value: { count: 1 } } })
  })

  it('is featurized to what was served, event by event', async () => {
    const output = join(folder, 'features.ndjson')
    const label = 'nearcast.outputs.bought_probability'
    const args = [join(folder, '**/*.ndjson.gz'), '--output', output, '--model', directory, '--label', label]
    const { code, stderr } = await cli.featurize(args)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const rows = readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const byId = new Map(rows.map((row) => [row.event_id, row]))
    expect(byId.size).toBe(600)
    for (const { id, features = {}, event_time, outputs } of predictions) {
      const row = byId.get(id)
      expect({ id, epoch_ms: Number(row.epoch_ms) }).toEqual({ id, epoch_ms: event_time.epoch_ms })
      for (const [name, served] of Object.entries(features)) {
        const same = typeof served === 'number' ? Math.fround(row[name]) === Math.fround(served) : row[name] === served
        expect({ id, name, same, served, row: row[name] }).toMatchObject({ same: true })
      }
      expect(Object.values(row)).toContain(outputs.bought_probability)
    }
  })
})
