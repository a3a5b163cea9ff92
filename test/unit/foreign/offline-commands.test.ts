/** `nearcast predict` and `nearcast profile`. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { command as predict } from '../../../src/cli/commands/predict.ts'
import { command as profile } from '../../../src/cli/commands/profile.ts'
import { readFeatureTable } from '../../../src/cli/offline/feature-table.ts'
import { readReferenceProfile } from '../../../src/core/profile/read-reference-profile.ts'
import { FOREIGN, servedDirectory, storedPredictions } from '../../support/foreign.ts'

const scratch = mkdtempSync(join(tmpdir(), 'nearcast-offline-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const rows = (name: string) => join(FOREIGN, `${name}.parquet`)
const table = (name: string, columns: string[]) => readFeatureTable(name, columns, [], { write: () => true })

/** What a command writes to stdout, given that it ends with `code`; stderr is dropped. */
const outputOf = async (run: () => Promise<number>, code = 0): Promise<string> => {
  const parts: string[] = []
  const quiet = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    parts.push(String(part))
    return true
  })
  try {
    expect(await run()).toBe(code)
  } finally {
    quiet.mockRestore()
    stdout.mockRestore()
  }
  return parts.join('')
}

const predictTo = async (name: string, file: string): Promise<string> => {
  const path = join(scratch, file)
  await outputOf(() => predict.run([rows(name), '--model', servedDirectory(name), '--output', path]))
  return path
}

describe('nearcast predict', () => {
  it('writes one prediction a row as NDJSON, named by its event', async () => {
    const path = await predictTo('pipeline', 'pipeline.ndjson')
    const lines = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { predicted_yes } = storedPredictions('pipeline').rows
    expect(lines.length).toBe(300)
    expect(lines[0]).toMatchObject({ event_id: 'session-0', epoch_ms: 1704150727299 })
    for (const [row, value] of predicted_yes.entries()) {
      expect(Math.abs(lines[row].outputs.bought_probability - Number(value))).toBeLessThan(1e-5)
    }
  })

  it('writes a distribution as a column for each label, in CSV and in Parquet', async () => {
    const csv = readFileSync(await predictTo('days', 'days.csv'), 'utf8')
      .trimEnd()
      .split('\n')
    expect(csv.length).toBe(301)
    expect(csv[0]).toMatch(
      /^event_id,epoch_ms,delivery_days_0,.*,delivery_days_14,delivery_days_p50,delivery_days_p90$/,
    )
    const parquet = await table(await predictTo('days', 'days.parquet'), [
      'epoch_ms',
      'delivery_days_5',
      'delivery_days_p90',
    ])
    const { predicted_5, epoch_ms } = storedPredictions('days').rows
    expect(parquet.rows).toBe(300)
    expect(Number(parquet.column('epoch_ms')[0])).toBe(epoch_ms[0])
    expect(Math.abs(Number(parquet.column('delivery_days_5')[0]) - Number(predicted_5[0]))).toBeLessThan(1e-5)
  })

  it('refuses what it cannot score', async () => {
    const model = servedDirectory('days')
    const attempt = (...args: string[]) => outputOf(() => predict.run(args))
    await expect(attempt()).rejects.toThrow('name one table')
    await expect(attempt(rows('days'))).rejects.toThrow('--model DIR')
    await expect(attempt(rows('days'), '--model', scratch)).rejects.toThrow('is no model version')
    await expect(attempt(rows('days'), '--model', model, '--output', 'x.txt')).rejects.toThrow(
      '.ndjson, .csv, .parquet',
    )
    await expect(attempt(rows('xgboost'), '--model', model)).rejects.toThrow('has no column hour_of_day, day_of_week')
    writeFileSync(join(scratch, 'manifest.json'), '{"name":"x"}')
    await expect(attempt(rows('days'), '--model', scratch)).rejects.toThrow('manifest.json')
  })
})

describe('a version whose golden rows do not hold', () => {
  it('scores and counts nothing: exit code 1', async () => {
    const directory = join(scratch, 'broken')
    cpSync(servedDirectory('days'), directory, { recursive: true })
    cpSync(join(servedDirectory('mlp'), 'model.onnx'), join(directory, 'model.onnx'))
    expect(await outputOf(() => predict.run([rows('days'), '--model', directory]), 1)).toBe('')
    expect(await outputOf(() => profile.run([rows('days'), '--model', directory]), 1)).toBe('')
  })
})

describe('nearcast profile', () => {
  it('counts the fields and outputs of a version, as its import did', async () => {
    const text = await outputOf(() => profile.run([rows('pipeline'), '--model', servedDirectory('pipeline')]))
    expect(text).toBe(readFileSync(join(servedDirectory('pipeline'), 'reference.json'), 'utf8'))
  })

  it('counts every numeric column of a table without a model', async () => {
    const text = await outputOf(() => profile.run([rows('pipeline'), '--label', 'bought', '--name', 'purchase']))
    const counted = readReferenceProfile(JSON.parse(text))
    expect(counted).toMatchObject({ model: 'purchase', version: '1.0.0', rows: 300, outputs: [] })
    expect(counted.fields.map(({ name }) => name)).toEqual([
      'day_of_year',
      'day_of_week',
      'hour_of_day',
      'latitude',
      'longitude',
      'cart_value',
      'visits',
      'days',
      'predicted_yes',
    ])
  })

  it('has one slice where rows have no time', async () => {
    const text = await outputOf(() => profile.run([rows('xgboost'), '--model', servedDirectory('xgboost')]))
    const counted = readReferenceProfile(JSON.parse(text))
    expect(counted.hour_of_week).toBeNull()
    expect(counted.fields.length).toBe(6)
    expect(counted.outputs[0].layout.bins).toBe(3)
  })
})
