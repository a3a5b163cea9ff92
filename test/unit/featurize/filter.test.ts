import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeLines } from '../../../bench/records.ts'
import { ROOT } from '../../../bench/root.ts'
import { type BuiltCli, buildCli, type CliResult } from '../../support/featurize-cli.ts'

/** What docs/spark.md runs in each partition. */
const FILTER = ['-', '--format', 'ndjson', '--keep-order', '--threads', '1']

const good = (id: string): string => `{"_id":"${id}","createdDateTime":1731880381293,"zipCode":"94107"}`
const TIMELESS = '{"_id":"timeless","zipCode":"94107"}'
const CUT = '{"_id":"cut","createdDateTime":17318803'

let cli: BuiltCli
beforeAll(async () => {
  cli = await buildCli()
})
afterAll(() => cli.remove())

const filter = (input: string | Uint8Array, ...more: readonly string[]): Promise<CliResult> =>
  cli.featurize([...FILTER, ...more], input)

/** The id of each row, and the code of each `{"error":…}`. */
const told = (output: string | Buffer): string[] =>
  output
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { event_id, error } = JSON.parse(line) as { event_id?: string; error?: { code: string } }
      return event_id ?? error?.code ?? line
    })

describe('a line out for each line in', () => {
  const lines = ['oops', good('1'), '', TIMELESS, CUT, ' \t', '[]', good('2'), '{"_id":"3"}}', good('4'), '']
  const expected = [
    ...['invalid_json', '1', 'blank_line', 'missing_time', 'invalid_json', 'blank_line', 'not_an_event', '2'],
    ...['invalid_json', '4', 'blank_line'],
  ]

  it.each([
    ['\n', '\n'],
    ['\r\n', '\r\n'],
  ])('whatever is amiss with it, lines ending in %j', async (_, end) => {
    const { code, stdout } = await filter(lines.map((line) => line + end).join(''))
    expect({ code, told: told(stdout) }).toEqual({ code: 0, told: expected })
  })

  it('where the last line has no line feed', async () => {
    const { code, stdout } = await filter(`${TIMELESS}\n${good('1')}\n${good('2')}`)
    expect({ code, told: told(stdout) }).toEqual({ code: 0, told: ['missing_time', '1', '2'] })
  })

  it('and exit code 2 where the input ends inside the last one', async () => {
    const { code, stdout, stderr } = await filter(`${good('1')}\n${CUT}`)
    expect({ code, told: told(stdout) }).toEqual({ code: 2, told: ['1', 'invalid_json'] })
    expect(stderr).toContain('the input ends inside this record')
  })

  it.each([1, 2])('in their order over many blocks, with %d threads', async (threads) => {
    const records = makeLines('beacon', 40_000, 7).toString().trimEnd().split('\n')
    const input = records.map((line, index) => (index % 7 === 0 ? '' : index % 5 === 0 ? line.slice(0, 60) : line))
    const { code, stdout } = await filter(`${input.join('\n')}\n`, '--threads', `${threads}`)
    const wanted = input.map((line, index) =>
      line === '' ? 'blank_line' : index % 5 === 0 ? 'invalid_json' : (JSON.parse(line) as { _id: string })._id,
    )
    expect({ code, told: told(stdout) }).toEqual({ code: 0, told: wanted })
  })

  it.each([
    ['no line', '', []],
    ['one blank line', '\n', ['blank_line']],
    ['nothing that gives a row', `${TIMELESS}\n${CUT}\n`, ['missing_time', 'invalid_json']],
  ])('of %s', async (_, input, wanted) => {
    const { code, stdout } = await filter(input)
    expect({ code, told: told(stdout) }).toEqual({ code: 0, told: wanted })
  })
})

describe('what a caller learns', () => {
  it('is rows on standard output and all else on standard error, with exit code 0', async () => {
    const { code, stdout, stderr } = await filter(`${good('1')}\n${TIMELESS}\n`)
    expect({ code, told: told(stdout) }).toEqual({ code: 0, told: ['1', 'missing_time'] })
    expect(stderr).toMatch(/^nearcast featurize: 1 rows in /)
    expect(stderr).toContain('1 of 2 records were rejected')
  })

  it('is exit code 1 when more was rejected than is allowed', async () => {
    const { code, stderr } = await filter(`${good('1')}\n${TIMELESS}\n`, '--max-reject-share', '0.3')
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('1 of 2 records') as string })
  })

  it.each([
    [['--zips', 'nowhere'], '--zips nowhere: not here'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ])('is exit code 2 and no row for flags that cannot be read: %j', async (flags, message) => {
    const { code, stdout, stderr } = await filter(`${good('1')}\n`, ...flags)
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })
})

/** Writes `lines` again and again, no faster than they are taken, until `isEnough` or nothing is taken for `patience` milliseconds. Returns the bytes. */
const pour = async (
  to: NonNullable<ChildProcess['stdin']>,
  lines: Buffer,
  isEnough: (bytes: number) => boolean,
  patience: number,
): Promise<number> => {
  let bytes = 0
  for (let isTaken = true; isTaken && !isEnough(bytes); ) {
    bytes += lines.length
    if (to.write(lines)) continue
    const taken = once(to, 'drain').then(
      () => true,
      () => false,
    )
    isTaken = await Promise.race([taken, setTimeout(patience, false)])
  }
  return bytes
}

describe('a consumer', () => {
  const LINES = makeLines('beacon', 4_000, 8)

  it('that closes standard output ends the filter with a message and exit code 1, though more is to come', async () => {
    const child = cli.start(FILTER)
    const { stdin, stdout, stderr } = child
    if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes')
    let said = ''
    stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    stdin.on('error', () => undefined)
    const exited = once(child, 'exit')
    stdout.once('data', () => stdout.destroy())
    // Standard input stays open.
    await pour(stdin, LINES, () => child.exitCode !== null, 20_000)
    const [code] = (await exited) as [number | null]
    stdin.destroy()
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringMatching(/^nearcast featurize: cannot write standard output: write EPIPE\n$/) as string,
    })
  })

  it('that is slow slows the reading down, and gets every line in the end', async () => {
    const most = 200e6
    const child = cli.start(FILTER)
    const { stdin, stdout, stderr } = child
    if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes')
    stderr.resume()
    const taken = await pour(stdin, LINES, (bytes) => bytes > most, 2_000)
    expect(taken).toBeLessThan(64e6)
    stdin.end()
    let lines = 0
    stdout.on('data', (chunk: Buffer) => {
      lines += chunk.toString('latin1').split('\n').length - 1
    })
    const [code] = (await once(child, 'close')) as [number | null]
    expect({ code, lines }).toEqual({ code: 0, lines: (taken / LINES.length) * 4_000 })
  })
})

describe('the recipe for Spark', () => {
  const recipe = readFileSync(join(ROOT, 'examples', 'spark_featurize.py'), 'utf8')

  it('runs this filter', () => {
    const [, ...flags] = FILTER
    expect(recipe).toContain(flags.map((flag) => JSON.stringify(flag)).join(', '))
  })

  it('stands in docs/spark.md as it is', () => {
    expect(readFileSync(join(ROOT, 'docs', 'spark.md'), 'utf8')).toContain(`\`\`\`python\n${recipe}\`\`\`\n`)
  })
})
