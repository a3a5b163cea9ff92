/**
 * Reads from a live OpenSearch node: `npx node test/live/opensearch.ts`. Wants Java 17 or newer and Maven, which brings the node (60 MB, once,
 * into .cache/); everything runs on 127.0.0.1 and is stopped in the end. With `--record` it also writes the answers of the node that
 * test/unit/elasticsearch replays.
 *
 * 20,000 events are read in slices of time, several at once; while connections are cut in the middle of answers; while points in time expire;
 * after the server has gone for good, by a second run that keeps the finished parts; and as a stream that is stopped and goes on. Every
 * event must come exactly once, its 20-digit integer unharmed.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SourceFailure } from '../../src/cli/featurize/source.ts'
import { createIndex, FIRST_TIME, type GeneratedEvent, generateEvents, indexEvents } from './opensearch.events.ts'
import { checkFollow } from './opensearch.follow.ts'
import { startNode } from './opensearch.node.ts'
import { linesIn, optionsFor, readParts } from './opensearch.parts.ts'
import { startCuttingProxy } from './opensearch.proxy.ts'
import { recordAnswers } from './opensearch.record.ts'
import { startRecorder } from './opensearch.recorder.ts'
import { Report } from './opensearch.report.ts'

const EVENTS = 20_000
const INDEX = 'sessions'
/** Longer than points in time live here, and than the node takes to notice. */
const IDLE_MILLISECONDS = 5_000

const report = new Report()
const directories: string[] = []
const newDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'nearcast-parts-'))
  directories.push(directory)
  return directory
}

const expectAll = (name: string, directory: string, events: readonly GeneratedEvent[], detail: string): void => {
  const lines = linesIn(directory)
  const wanted = new Set(events.map(({ id, source }) => `${id} ${/"number":(\d+)/.exec(source)?.[1]}`))
  const distinct = new Set(lines)
  const isExact =
    lines.length === wanted.size && distinct.size === wanted.size && lines.every((line) => wanted.has(line))
  report.check(name, isExact, `${lines.length} lines, ${distinct.size} distinct, ${wanted.size} events; ${detail}`)
}

const readInSlices = async (node: string, events: readonly GeneratedEvent[]): Promise<void> => {
  for (const parallel of ['1', '4']) {
    const directory = newDirectory()
    const start = performance.now()
    const parts = await readParts({ options: optionsFor(node, INDEX, { slice: '1m', parallel }), directory })
    const seconds = (performance.now() - start) / 1000
    const rate = `${parts.length} parts in ${seconds.toFixed(1)} s, ${Math.round(EVENTS / seconds)} events/s`
    expectAll(`slices, ${parallel} searches at a time`, directory, events, rate)
  }
}

const readOverCutConnections = async (node: string, events: readonly GeneratedEvent[]): Promise<void> => {
  const proxy = await startCuttingProxy(node, { afterBytes: 300_000, connections: 8 })
  const directory = newDirectory()
  await readParts({ options: optionsFor(proxy.url, INDEX, { slice: '1m' }), directory })
  expectAll('8 connections cut in the middle of answers', directory, events, `${proxy.cuts()} cut`)
  await proxy.close()
}

const readFromLostServer = async (node: string, events: readonly GeneratedEvent[]): Promise<void> => {
  const proxy = await startCuttingProxy(node, { afterBytes: 1_500_000, connections: 4, thenGone: true })
  const directory = newDirectory()
  const flags = { slice: '1m', attempts: '3' }
  const failure = await readParts({ options: optionsFor(proxy.url, INDEX, flags), directory }).then(
    () => undefined,
    (error: unknown) => error,
  )
  await proxy.close()
  const said = failure instanceof SourceFailure ? failure.message : String(failure)
  report.check('a server that goes away ends the run with a clear message', failure instanceof SourceFailure, said)
  const finished = readdirSync(directory).filter((name) => name.endsWith('.txt'))
  const halves = readdirSync(directory).filter((name) => name.endsWith('.tmp'))
  const counts = `${finished.length} finished parts, ${halves.length} unfinished files`
  report.check(
    '… after some parts, with nothing half under a final name',
    finished.length > 0 && halves.length === 0,
    counts,
  )
  const stamps = (): string => finished.map((name) => statSync(join(directory, name)).mtimeMs).join()
  const before = stamps()
  const written = await readParts({ options: optionsFor(node, INDEX, { slice: '1m' }), directory })
  expectAll(
    'the next run reads the rest',
    directory,
    events,
    `${finished.length} parts kept, ${written.length} written`,
  )
  report.check('… and leaves finished parts alone', stamps() === before, `${finished.length} files`)
}

const readOverExpiry = async (node: string, events: readonly GeneratedEvent[]): Promise<void> => {
  const directory = newDirectory()
  const recorder = await startRecorder(node)
  let idle = 0
  await readParts({
    options: optionsFor(recorder.url, INDEX, { parallel: '2', 'page-size': '1500' }, '1s'),
    directory,
    afterChunk: async (chunks) => {
      if (chunks % 5 !== 0 || idle === 2) return
      idle++
      await pause(IDLE_MILLISECONDS)
    },
  })
  await recorder.close()
  const expired = recorder.exchanges.filter(({ response }) => response.body.includes('search_context_missing'))
  const detail = `idle ${idle} times, ${expired.length} searches found theirs expired`
  expectAll('points in time expire in the middle of a slice', directory, events, detail)
  report.check('… as the node said', expired.length > 0, detail)
}

const node = await startNode()
try {
  const events = generateEvents(EVENTS, FIRST_TIME)
  await createIndex(node.url, INDEX)
  await indexEvents(node.url, INDEX, events)
  await readInSlices(node.url, events)
  await readOverCutConnections(node.url, events)
  await readFromLostServer(node.url, events)
  await readOverExpiry(node.url, events)
  await checkFollow(node.url, newDirectory(), report)
  if (process.argv.includes('--record')) await recordAnswers(node.url)
} finally {
  await node.stop()
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
}
report.end()
