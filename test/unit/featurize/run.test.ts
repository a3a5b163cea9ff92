import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeLines } from '../../../bench/records.ts'
import { inOrder } from '../../../src/cli/featurize/in-order.ts'
import type { Destination } from '../../../src/cli/featurize/output/destination.ts'
import { type OpenOutput, OutputFailure, openOutputFile } from '../../../src/cli/featurize/output/output-file.ts'
import { PartFolder } from '../../../src/cli/featurize/output/part-folder.ts'
import { singleTable } from '../../../src/cli/featurize/output/single-table.ts'
import type { OutputForm } from '../../../src/cli/featurize/plan.ts'
import { type Run, runFeaturize } from '../../../src/cli/featurize/run.ts'
import { type RecordSource, SourceFailure } from '../../../src/cli/featurize/source.ts'
import type { Tally } from '../../../src/cli/featurize/tally.ts'
import { Lanes } from '../../../src/cli/featurize/threads/lanes.ts'
import { columnsOf, planOf, ZIP_DATA } from '../../support/featurize.ts'

const plan = (form: OutputForm) => planOf(columnsOf(), { form })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'featurize-run-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const files = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

/** A source of `chunks`, after which it fails where `failure` is given. */
const source = (name: string, chunks: readonly Uint8Array[], failure?: Error): RecordSource => ({
  name,
  part: name,
  format: undefined,
  size: undefined,
  async *chunks() {
    for (const chunk of chunks) {
      await setImmediate()
      yield { bytes: new Uint8Array(chunk), position: chunk.length }
    }
    if (failure !== undefined) throw failure
  },
})

/** Files that fail once `bytes` were written to each, as a disk does that fills. */
const fullAfter =
  (bytes: number): OpenOutput =>
  async (path) => {
    const file = await openOutputFile(path)
    let left = bytes
    return {
      ...file,
      write: (chunk) => {
        left -= chunk.length
        if (left >= 0) return file.write(chunk)
        return Promise.reject(new OutputFailure(path, Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })))
      },
    }
  }

const run = (parts: Pick<Run, 'sources' | 'destination'> & Partial<Run>, form: OutputForm): Promise<Tally> =>
  runFeaturize({
    lanes: Lanes.begin({ plan: plan(form), zips: ZIP_DATA, keepRejects: true }, []),
    maxRejectShare: 1,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onSkipped: () => undefined,
    ...parts,
  })

const single = async (form: OutputForm, open: OpenOutput = openOutputFile): Promise<Destination> =>
  singleTable(plan(form), await open(join(folder, `o.${form}`)), await open(join(folder, 'r.ndjson')), {})

const parts = (open: OpenOutput = openOutputFile): PartFolder =>
  new PartFolder(folder, plan('csv'), {}, undefined, open, () => undefined)

describe('a disk that fills', () => {
  it.each(['parquet', 'csv', 'ndjson'] as const)('ends the run, and leaves nothing of it (%s)', async (form) => {
    const sources = [source('a', [makeLines('beacon', 30_000, 1)])]
    const destination = await single(form, fullAfter(100_000))
    await expect(run({ sources, destination }, form)).rejects.toThrow('no space is left on the device')
    expect(files()).toEqual([])
  })

  it('leaves the parts that were finished before', async () => {
    const sources = [source('a', [makeLines('beacon', 10, 1)]), source('b', [makeLines('beacon', 10_000, 1)])]
    await expect(run({ sources, destination: parts(fullAfter(100_000)) }, 'csv')).rejects.toThrow(OutputFailure)
    expect(files()).toEqual(['_featurize.json', '_rejects', 'a.csv'])
  })
})

describe('a source that ends too soon', () => {
  it('ends the run with its message, and leaves nothing of its part', async () => {
    const dropped = new SourceFailure('http://server/index: the connection was dropped')
    const sources = [source('a', [makeLines('log', 10, 1)]), source('b', [makeLines('log', 5_000, 1)], dropped)]
    await expect(run({ sources, destination: parts() }, 'csv')).rejects.toBe(dropped)
    expect(files()).toEqual(['_featurize.json', '_rejects', 'a.csv'])
  })
})

describe('a run that is aborted', () => {
  it('rejects with the reason, and leaves nothing', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const endless: RecordSource = {
      ...source('endless', []),
      async *chunks(signal) {
        for (;;) {
          signal.throwIfAborted()
          await setImmediate()
          yield { bytes: new Uint8Array(makeLines('log', 100, 1)), position: 0 }
        }
      },
    }
    const destination = await single('csv')
    let blocks = 0
    const onProgress = (): void => {
      if (++blocks === 3) controller.abort(reason)
    }
    const { signal } = controller
    await expect(run({ sources: [endless], destination, signal, onProgress }, 'csv')).rejects.toBe(reason)
    expect(files()).toEqual([])
  })
})

describe('sources that come one by one', () => {
  it('are asked for when the part before is there', async () => {
    const seen: string[][] = []
    async function* sources(): AsyncGenerator<RecordSource> {
      for (const name of ['a', 'b', 'c']) {
        seen.push(files().filter((file) => file.endsWith('.csv')))
        yield source(name, [makeLines('beacon', 20, 1)])
      }
      seen.push(files().filter((file) => file.endsWith('.csv')))
    }
    const tally = await run({ sources: sources(), destination: parts() }, 'csv')
    expect(tally.rows).toBe(60)
    expect(seen).toEqual([[], ['a.csv'], ['a.csv', 'b.csv'], ['a.csv', 'b.csv', 'c.csv']])
  })

  it('may be empty', async () => {
    const tally = await run(
      { sources: [source('a', []), source('b', [new Uint8Array(0)])], destination: parts() },
      'csv',
    )
    expect([tally.rows, tally.rejected]).toEqual([0, 0])
    expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toMatch(/^event_id,epoch_ms,.*zip_level\n$/)
  })
})

describe('work in order', () => {
  async function* numbers(count: number): AsyncGenerator<number> {
    for (let number = 0; number < count; number++) yield number
  }

  it('is begun several pieces at a time, and handed over one after the other', async () => {
    let underWay = 0
    let most = 0
    const work = async (number: number): Promise<number> => {
      most = Math.max(most, ++underWay)
      for (let turns = (number * 7) % 5; turns >= 0; turns--) await setImmediate()
      underWay--
      return number
    }
    const results: number[] = []
    for await (const result of inOrder(numbers(50), 4, work)) results.push(result)
    expect(results).toEqual(Array.from({ length: 50 }, (_, index) => index))
    expect(most).toBe(4)
  })

  it('is handed over while the next item does not come', async () => {
    async function* slow(): AsyncGenerator<number> {
      yield 1
      await new Promise(() => undefined)
    }
    for await (const result of inOrder(slow(), 4, (number) => Promise.resolve(number))) {
      expect(result).toBe(1)
      break
    }
  })

  it('is handed over before the failure of an item that comes after it', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield* numbers(3)
      throw new Error('no fourth')
    }
    const results: number[] = []
    const all = async (): Promise<void> => {
      for await (const result of inOrder(failing(), 4, (number) => setImmediate(number))) results.push(result)
    }
    await expect(all()).rejects.toThrow('no fourth')
    expect(results).toEqual([0, 1, 2])
  })

  it('ends with the first failure', async () => {
    const work = (number: number): Promise<number> =>
      number === 3 ? Promise.reject(new Error('three')) : Promise.resolve(number)
    const results: number[] = []
    const all = async (): Promise<void> => {
      for await (const result of inOrder(numbers(9), 2, work)) results.push(result)
    }
    await expect(all()).rejects.toThrow('three')
    expect(results).toEqual([0, 1, 2])
  })
})
