/** `nearcast validate` on versions that are right, with labels, and beside another version. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { ROOT } from '../../support/bundled-app.ts'
import { FOREIGN, servedDirectory } from '../../support/foreign.ts'
import { changed, oneField, validating } from '../../support/validating.ts'

describe('a version that is right', () => {
  for (const name of ['pipeline', 'lightgbm', 'xgboost', 'mlp', 'days']) {
    it(`${name}: passes every check that can be made`, async () => {
      const { checks, valid } = await validating(servedDirectory(name))
      expect(valid).toBe(true)
      expect(checks.map((check) => `${check.name} ${check.status}`)).toEqual([
        'manifest passed',
        'sha256 passed',
        'fields passed',
        'reference passed',
        'graph passed',
        'opset passed',
        'operators passed',
        'size passed',
        'signature passed',
        'golden passed',
        'sweep passed',
        'time passed',
        'baseline skipped',
        'stable skipped',
      ])
    })
  }

  it('the bundled model passes too', async () => {
    expect((await validating(join(ROOT, 'model/late-arrival/1.0.0'))).valid).toBe(true)
  })
})

describe('labels', () => {
  const rows = (name: string) => join(FOREIGN, `${name}.parquet`)

  it('judge a probability, a distribution and a value against the best constant', async () => {
    const probability = await validating(servedDirectory('lightgbm'), { rows: rows('lightgbm'), label: 'benign' })
    expect(probability.of('baseline')).toMatchObject({ status: 'passed', figures: { rows: 569 } })
    const days = await validating(servedDirectory('days'), { rows: rows('days'), label: 'days' })
    expect(days.of('baseline')?.message).toMatch(/^better than a constant: log_loss 1\.\d+ against 1\.\d+$/)
    const classes = await validating(servedDirectory('xgboost'), { rows: rows('xgboost'), label: 'cultivar' })
    expect(classes.of('baseline')?.status).toBe('passed')
    const value = oneField('Identity', 'value', [0, 200], [1, 1])
    const exact = await validating(value, { rows: rows('mlp'), label: 'visits' })
    expect(exact.of('baseline')?.message).toMatch(/not better than a constant: mean_absolute_error/)
  })

  it('that do not fit the output are bad input, not a finding', async () => {
    const directory = servedDirectory('mlp')
    await expect(validating(directory, { rows: rows('mlp'), label: 'visits' })).rejects.toThrow(UsageError)
    await expect(validating(directory, { rows: rows('mlp'), label: 'nothing' })).rejects.toThrow(
      'has no column nothing',
    )
    await expect(validating(servedDirectory('xgboost'), { rows: rows('xgboost'), label: 'magnesium' })).rejects.toThrow(
      'is none of the classes 0, 1, 2',
    )
  })
})

describe('the stable version', () => {
  it('is the newest other one beside it, compared on the rows given', async () => {
    const directory = changed('mlp', (manifest) => Object.assign(manifest, { version: '1.1.0' }))
    const newer = join(directory, '..', '1.1.0')
    cpSync(directory, newer, { recursive: true })
    cpSync(servedDirectory('mlp'), directory, { recursive: true })
    const { of } = await validating(newer, { rows: join(FOREIGN, 'mlp.parquet') })
    expect(of('stable')).toMatchObject({ status: 'passed', message: 'difference from mlp 1.0.0 on the same 300 rows' })
    expect(of('stable')?.figures).toMatchObject({ bought_probability_greatest_difference: 0 })
  })

  it('may have another feature view: both get the fields they know by name', async () => {
    const { of } = await validating(servedDirectory('pipeline'), { stable: servedDirectory('mlp') })
    expect(of('stable')?.status).toBe('passed')
    expect(of('stable')?.details?.[0]).toMatch(/^bought_probability: mean 0\.\d+, .* in \d+ rows$/)
  })

  it('is not looked for when none is asked for', async () => {
    const { status } = await validating(servedDirectory('mlp'), { stable: 'none' })
    expect(status('stable')).toBe('skipped')
  })
})
