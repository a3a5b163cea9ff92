/** Records what a live node answers to the reader, for the tests that replay it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readFollowFlags } from '../../src/cli/elasticsearch/follow-options.ts'
import { followTo } from '../../src/cli/elasticsearch/follow-to.ts'
import { openServerSources, type SearchOptions } from '../../src/cli/elasticsearch/sources.ts'
import { ask, createIndex, FIRST_TIME, generateEvents, indexEvents } from './opensearch.events.ts'
import { optionsFor } from './opensearch.parts.ts'
import { startRecorder } from './opensearch.recorder.ts'
import { startSink } from './opensearch.sink.ts'

const FIXTURES = resolve(import.meta.dirname, '../fixtures/elasticsearch')
const INDEX = 'recorded'
const EVENTS = 40

/** What is looked for in a recording of a stream: the same in every look, whenever that is. */
const STREAM = { follow: true, from: '2024-11-17T00:00:00Z', lateness: '5000d', every: '100ms' }
const LATER_EVENTS = 10

type Flags = Parameters<typeof optionsFor>[2]

const read = async (
  options: SearchOptions,
  directory: string | undefined,
  afterChunk: () => Promise<void>,
): Promise<void> => {
  const signal = new AbortController().signal
  const { sources, close } = await openServerSources(options, directory, console.error, signal)
  for (const source of sources) for await (const _ of source.chunks(signal)) await afterChunk()
  await close()
}

/** Writes what the node answers while `use` speaks to it as `url`. */
const record = async (node: string, name: string, use: (url: string) => Promise<void>): Promise<void> => {
  const { version } = JSON.parse(await ask(node, 'GET')) as { version: { number: string } }
  const recorder = await startRecorder(node)
  await use(recorder.url)
  await recorder.close()
  const made_by = `test/live/opensearch.ts --record, from OpenSearch ${version.number} with ${EVENTS} generated events`
  writeFileSync(
    join(FIXTURES, `${name}.json`),
    `${JSON.stringify({ made_by, exchanges: recorder.exchanges }, undefined, 1)}\n`,
  )
}

const slowOptions = (url: string, flags: Flags): SearchOptions =>
  optionsFor(url, INDEX, { parallel: '1', ...flags }, '1s')

const recordReading = (
  node: string,
  name: string,
  flags: Flags,
  afterChunk: () => Promise<void> = async () => undefined,
): Promise<void> => record(node, name, (url) => read(slowOptions(url, flags), undefined, afterChunk))

/** Every slice twice: by a first run and by one that goes on in the same directory. */
const recordResumed = (node: string): Promise<void> =>
  record(node, 'opensearch-resumed', async (url) => {
    const directory = mkdtempSync(join(tmpdir(), 'nearcast-record-'))
    const options = slowOptions(url, { slice: '1s', 'page-size': '7' })
    for (let run = 0; run < 2; run++) await read(options, directory, async () => undefined)
    rmSync(directory, { recursive: true })
  })

/** A stream that is posted, and some events that come while it is followed. */
const recordFollowed = (node: string): Promise<void> =>
  record(node, 'opensearch-followed', async (url) => {
    const sink = await startSink()
    const directory = mkdtempSync(join(tmpdir(), 'nearcast-record-'))
    const follow = readFollowFlags({ ...STREAM, checkpoint: join(directory, 'checkpoint.json') }, Date.now())
    const target = { url: sink.url, deadlineMilliseconds: 10_000, attempts: 8 }
    const quiet = () => undefined
    const options = { follow, target, reject: quiet, predictions: quiet, notice: console.error }
    const stop = new AbortController()
    const stream = followTo(slowOptions(url, {}), options, stop.signal)
    const until = async (count: number): Promise<void> => {
      while (sink.accepted.length < count) await pause(50)
    }
    await until(EVENTS)
    await indexEvents(node, INDEX, generateEvents(LATER_EVENTS, FIRST_TIME + 60_000, 'later'))
    await until(EVENTS + LATER_EVENTS)
    stop.abort()
    await stream
    await sink.close()
    rmSync(directory, { recursive: true })
  })

const limitPits = (node: string, most: number | null): Promise<string> =>
  ask(`${node}/_cluster/settings`, 'PUT', JSON.stringify({ transient: { 'search.max_open_pit_context': most } }))

/**
 * Slices read to their end, once and in two runs; a point in time that expired in between; one that the node had no room for at first; and a
 * stream.
 */
export const recordAnswers = async (node: string): Promise<void> => {
  await createIndex(node, INDEX)
  await indexEvents(node, INDEX, generateEvents(EVENTS, FIRST_TIME))
  await indexEvents(node, INDEX, [{ id: 'timeless', time: 0, source: '{"zipCode":"94107"}' }])
  await recordReading(node, 'opensearch-slices', { slice: '1s', 'page-size': '7' })
  let chunks = 0
  await recordReading(node, 'opensearch-expired', { 'page-size': '10' }, async () => {
    if (++chunks === 2) await pause(5_000)
  })
  await limitPits(node, 0)
  setTimeout(() => void limitPits(node, null), 300)
  await recordReading(node, 'opensearch-busy', { 'page-size': '50' })
  await recordResumed(node)
  await recordFollowed(node)
}
