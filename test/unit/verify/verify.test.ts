import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { command } from '../../../src/cli/commands/verify.ts'
import { readEntries } from '../../../src/cli/verify/read-log.ts'
import type { PredictionOfLog } from '../../../src/protocol/answers.ts'
import { bundledApp, ROOT, seededZips } from '../../support/bundled-app.ts'
import { FaultyZipStore } from '../../support/zips.ts'
import { linearCongruential } from '../../support/zone-table.ts'

const folder = mkdtempSync(join(tmpdir(), 'nearcast-verify-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the command on `lines` and gives its exit code with the parsed result. */
const verify = async (lines: readonly string[]) => {
  const file = join(folder, 'log.ndjson')
  writeFileSync(file, lines.join('\n'))
  const written: string[] = []
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  try {
    const code = await command.run([file, '--json', '--models', join(ROOT, 'model'), '--zips', join(ROOT, 'kv-seed')])
    return {
      code,
      ...(JSON.parse(written.join('')) as {
        compared: number
        mismatched: number
        errors: number
        other_zip_data: object
        no_features: number
        mismatches: Record<string, { count: number }>
      }),
    }
  } finally {
    stdout.mockRestore()
  }
}

const zips = seededZips()
const next = linearCongruential(7)
/** Any zip of the country, now and then none, a wrong one or an unknown one; any instant of 1975 to 2037 (before, milliseconds may look like seconds). */
const randomEvent = (index: number): object => {
  const known = zips[next() % zips.length]
  const odd = ['', 'K1A 0B1', '00000', '94199', undefined][next() % 5]
  return {
    _id: `e${index}`,
    _source: {
      createdDateTime: Date.UTC(1975, 0, 1) + Math.floor((next() / 2 ** 32) * 1_988_150_400_000),
      zipCode: next() % 10 === 0 ? odd : known,
    },
  }
}
const served = async (events: readonly object[], app = bundledApp().app): Promise<string> => {
  const response = await app.request('/v1/predict', { method: 'POST', body: JSON.stringify(events) })
  return response.text()
}
const one = async (): Promise<PredictionOfLog> => {
  const [line] = readEntries(
    await served([{ _id: 'a', _source: { createdDateTime: 1731880381293, zipCode: '94107' } }]),
  )
  if (line === undefined || line === 'item error') throw new Error('expected a prediction')
  return line.prediction
}

describe('nearcast verify', () => {
  it('finds no difference in 10,000 served predictions', async () => {
    const { app } = bundledApp()
    const lines: string[] = []
    for (let batch = 0; batch < 10; batch++) {
      lines.push(
        await served(
          Array.from({ length: 1_000 }, (_, index) => randomEvent(batch * 1_000 + index)),
          app,
        ),
      )
    }
    expect(await verify(lines)).toMatchObject({
      code: 0,
      compared: 10_000,
      mismatched: 0,
      other_zip_data: {},
      mismatches: {},
    })
  })

  it('recomputes what was served under a fallback by the flag it carries', async () => {
    let store: FaultyZipStore | undefined
    const { app } = bundledApp((real) => {
      store = new FaultyZipStore(real)
      store.fault = 'error'
      return store
    })
    const text = await served(
      Array.from({ length: 500 }, (_, index) => randomEvent(index)),
      app,
    )
    expect(text).toContain('zip_store_error')
    expect(await verify([text])).toMatchObject({ code: 0, compared: 500, mismatched: 0 })
  })

  it('names the field, the value served and the value computed here', async () => {
    const prediction = await one()
    const wrong = { ...prediction, features: { ...prediction.features, latitude: 37.8, hour_of_day: 20 } }
    expect(await verify([JSON.stringify(wrong)])).toMatchObject({
      code: 1,
      compared: 1,
      mismatched: 1,
      mismatches: {
        latitude: { count: 1, examples: [{ id: 'a', field: 'latitude', served: 37.8, recomputed: 37.7621 }] },
        hour_of_day: { count: 1, examples: [{ served: 20, recomputed: 21 }] },
      },
    })
  })

  it('compares as float32', async () => {
    const prediction = await one()
    const rounded = { ...prediction, features: { ...prediction.features, latitude: Math.fround(37.7621) } }
    expect(await verify([JSON.stringify(rounded)])).toMatchObject({ code: 0, mismatched: 0 })
  })

  it('sees a time that is not the one the features were made of', async () => {
    const prediction = await one()
    const shifted = { ...prediction, event_time: { epoch_ms: prediction.event_time.epoch_ms + 3_600_000 } }
    const { code, mismatches } = await verify([JSON.stringify(shifted)])
    expect(code).toBe(1)
    expect(Object.keys(mismatches)).toEqual(
      expect.arrayContaining(['hour_of_day', 'local_hour_of_day', 'local_minute_of_day']),
    )
  })

  it('reads answers that say no more of their time than when it was', async () => {
    const { event_time, ...rest } = await one()
    const before = { ...rest, event_time: { epoch_ms: event_time.epoch_ms } }
    expect(await verify([JSON.stringify(before)])).toMatchObject({ code: 0, compared: 1, mismatched: 0 })
  })

  it('counts other zip data apart, and fails when nothing could be compared', async () => {
    const prediction = { ...(await one()), zip_data: '2025-01' }
    expect(await verify([JSON.stringify(prediction)])).toMatchObject({
      code: 1,
      compared: 0,
      mismatched: 0,
      other_zip_data: { 'served with 2025-01, here is 2026-11': 1 },
    })
  })

  it('passes over item errors and answers without features, and counts them', async () => {
    const prediction = await one()
    const { features: _, ...without } = prediction
    const error = { index: 0, id: null, error: { code: 'missing_time', message: 'no time' } }
    expect(await verify([JSON.stringify({ predictions: [prediction, error] }), JSON.stringify(without)])).toMatchObject(
      {
        code: 0,
        compared: 1,
        errors: 1,
        no_features: 1,
      },
    )
  })

  it.each([
    ['{"a":1}', /line 1: not a prediction/],
    ['nonsense', /line 1: /],
  ])('refuses a line that is no answer: %s', async (line, message) => {
    await expect(verify([line])).rejects.toThrow(message)
  })
})
