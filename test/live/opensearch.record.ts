/** Records what a live node answers to the reader, for the tests that replay it. */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openServerSources, type SearchOptions } from '../../src/cli/elasticsearch/sources.ts'
import { ask, createIndex, FIRST_TIME, generateEvents, indexEvents } from './opensearch.events.ts'
import { optionsFor } from './opensearch.parts.ts'
import { startRecorder } from './opensearch.recorder.ts'

const FIXTURES = resolve(import.meta.dirname, '../fixtures/elasticsearch')
const INDEX = 'recorded'
const EVENTS = 40

const read = async (options: SearchOptions, afterChunk: () => Promise<void>): Promise<void> => {
  const signal = new AbortController().signal
  const { sources, close } = await openServerSources(options, undefined, console.error, signal)
  for (const source of sources) for await (const _ of source.chunks(signal)) await afterChunk()
  await close()
}

const record = async (
  node: string,
  name: string,
  flags: Parameters<typeof optionsFor>[2],
  afterChunk: () => Promise<void> = async () => undefined,
): Promise<void> => {
  const { version } = JSON.parse(await ask(node, 'GET')) as { version: { number: string } }
  const recorder = await startRecorder(node)
  await read(optionsFor(recorder.url, INDEX, { parallel: '1', ...flags }, '1s'), afterChunk)
  await recorder.close()
  const made_by = `test/live/opensearch.ts --record, from OpenSearch ${version.number} with ${EVENTS} generated events`
  writeFileSync(
    join(FIXTURES, `${name}.json`),
    `${JSON.stringify({ made_by, exchanges: recorder.exchanges }, undefined, 1)}\n`,
  )
}

const limitPits = (node: string, most: number | null): Promise<string> =>
  ask(`${node}/_cluster/settings`, 'PUT', JSON.stringify({ transient: { 'search.max_open_pit_context': most } }))

/** Slices read to their end; a point in time that expired in between; and one that the node had no room for at first. */
export const recordAnswers = async (node: string): Promise<void> => {
  await createIndex(node, INDEX)
  await indexEvents(node, INDEX, generateEvents(EVENTS, FIRST_TIME))
  await indexEvents(node, INDEX, [{ id: 'timeless', time: 0, source: '{"zipCode":"94107"}' }])
  await record(node, 'opensearch-slices', { slice: '1s', 'page-size': '7' })
  let chunks = 0
  await record(node, 'opensearch-expired', { 'page-size': '10' }, async () => {
    if (++chunks === 2) await pause(5_000)
  })
  await limitPits(node, 0)
  setTimeout(() => void limitPits(node, null), 300)
  await record(node, 'opensearch-busy', { 'page-size': '50' })
}
