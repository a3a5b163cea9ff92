/** What `nearcast simulate` takes, and what it refuses. */
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { command } from '../../../src/cli/commands/simulate.ts'
import { readSimulateOptions } from '../../../src/cli/simulate/read-options.ts'
import { DEFAULT_SHARES } from '../../../src/training/traffic/fault-kinds.ts'

const URL_FLAG = { url: 'http://127.0.0.1:8787' }

describe('the options of simulate', () => {
  it('have defaults', () => {
    expect(readSimulateOptions({ orders: '10', output: 'a.ndjson' })).toEqual({
      kind: 'orders',
      zips: 'kv-seed',
      seed: 1,
      count: 10,
      from: Date.parse('2025-01-01'),
      to: Date.parse('2026-01-01'),
      output: 'a.ndjson',
      outcomes: undefined,
    })
    expect(readSimulateOptions(URL_FLAG)).toMatchObject({
      kind: 'traffic',
      seed: 1,
      rate: 50,
      seconds: 60,
      speed: 1,
      startsAt: undefined,
      shares: DEFAULT_SHARES,
      inFlight: 64,
      deadlineMilliseconds: 5_000,
      outcomesTokenName: undefined,
    })
  })

  it('set each share, and the token that outcomes are reported with', () => {
    const set = { ...URL_FLAG, bots: '1', 'no-zip': '0.5', 'bad-json': '0', from: '2026-11-25T13:00:00Z' }
    expect(readSimulateOptions(set)).toMatchObject({
      shares: { ...DEFAULT_SHARES, bots: 1, 'no-zip': 0.5, 'bad-json': 0 },
      startsAt: Date.parse('2026-11-25T13:00:00Z'),
    })
    expect(readSimulateOptions({ ...URL_FLAG, 'report-outcomes': true })).toMatchObject({
      outcomesTokenName: 'WRITE_TOKEN',
    })
    expect(readSimulateOptions({ ...URL_FLAG, 'outcomes-token-env': 'MINE' })).toMatchObject({
      outcomesTokenName: 'MINE',
    })
  })

  it.each([
    ['nothing', {}, 'give --orders N'],
    ['both', { ...URL_FLAG, orders: '1' }, 'give --orders N'],
    ['no output', { orders: '1' }, '--output FILE'],
    ['no number', { orders: 'ten', output: 'a' }, '--orders ten: expected a whole number from 1'],
    ['no order', { orders: '0', output: 'a' }, '--orders 0'],
    ['one file twice', { orders: '1', output: 'a', outcomes: 'a' }, 'the same file'],
    [
      'a day before the other',
      { orders: '1', output: 'a', from: '2026-01-02', to: '2026-01-01' },
      '--to must be later',
    ],
    [
      'a time without a zone',
      { orders: '1', output: 'a', from: '2026-01-02T10:00' },
      '--from 2026-01-02T10:00: expected',
    ],
    ['a date that is none', { orders: '1', output: 'a', from: '2026-13-02' }, '--from 2026-13-02: expected'],
    ['a rate for orders', { orders: '1', output: 'a', rate: '5' }, '--rate goes with --url'],
    ['a share for orders', { orders: '1', output: 'a', bots: '0' }, '--bots goes with --url'],
    ['an output for traffic', { ...URL_FLAG, output: 'a' }, '--output goes with --orders'],
    ['no address', { url: 'nearcast' }, '--url nearcast: expected an address'],
    ['no rate', { ...URL_FLAG, rate: '0' }, '--rate 0: expected a number from 0.01'],
    ['a negative rate', { ...URL_FLAG, rate: '-5' }, '--rate -5'],
    ['a share over 1', { ...URL_FLAG, past: '1.1' }, '--past 1.1: expected a number from 0 to 1'],
    ['shares over 1 together', { ...URL_FLAG, past: '0.6', future: '0.6' }, 'add up to'],
    ['a seed that is none', { ...URL_FLAG, seed: '1.5' }, '--seed 1.5'],
    ['too many at once', { ...URL_FLAG, 'in-flight': '5000' }, '--in-flight 5000'],
  ])('refuse %s', (_, flags, message) => {
    expect(() => readSimulateOptions(flags)).toThrow(UsageError)
    expect(() => readSimulateOptions(flags)).toThrow(message)
  })

  it('refuse what they do not know, and zips that are not there', async () => {
    await expect(command.run(['--orders', '1', '--otuput', 'a'])).rejects.toThrow(/otuput/)
    await expect(command.run(['--orders', '1', '--output', 'a', '--zips', 'nowhere'])).rejects.toThrow(UsageError)
  })
})
