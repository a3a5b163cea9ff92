/** Follows a live index while events arrive, late ones too, and the run is stopped and started again. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readFollowFlags } from '../../src/cli/elasticsearch/follow-options.ts'
import { followSources } from '../../src/cli/elasticsearch/follow-sources.ts'
import { followTo } from '../../src/cli/elasticsearch/follow-to.ts'
import { createIndex, type GeneratedEvent, generateEvents, indexEvents } from './opensearch.events.ts'
import { linesIn, optionsFor, writePart } from './opensearch.parts.ts'
import type { Report } from './opensearch.report.ts'
import { startSink } from './opensearch.sink.ts'

const INDEX = 'stream'
const BATCH = 1_500
const BATCHES = 6
/** Events are stamped up to so long before they are indexed. */
const LATENESS_MILLISECONDS = 20_000

/** Batches whose times overlap, so that events come later than others of a later time. */
const indexWhile = async (node: string, prefix: string): Promise<GeneratedEvent[]> => {
  const all: GeneratedEvent[] = []
  for (let batch = 0; batch < BATCHES; batch++) {
    const events = generateEvents(BATCH, 0, `${prefix}${batch}-`)
    const spread = (events.at(-1)?.time ?? 0) + 1
    const now = Date.now()
    const stamped = events.map(({ id, time, source }) => {
      const moment = now - Math.floor((time / spread) * (LATENESS_MILLISECONDS / 2))
      return { id, time: moment, source: source.replace(/"createdDateTime":\d+/, `"createdDateTime":${moment}`) }
    })
    await indexEvents(node, INDEX, stamped)
    all.push(...stamped)
    await pause(700)
  }
  return all
}

const untilQuiet = async (count: () => number, wanted: number): Promise<void> => {
  for (let second = 0; second < 60 && count() < wanted; second++) await pause(1_000)
}

const flagsFor = (checkpoint: string) =>
  readFollowFlags(
    { follow: true, checkpoint, every: '300ms', lateness: `${LATENESS_MILLISECONDS}ms`, from: 'beginning' },
    Date.now(),
  )

const checkPosts = async (node: string, directory: string, report: Report): Promise<void> => {
  const sink = await startSink()
  const follow = flagsFor(join(directory, 'posts.json'))
  const run = (signal: AbortSignal) => {
    const target = { url: sink.url, deadlineMilliseconds: 10_000, attempts: 8 }
    const quiet = () => undefined
    return followTo(
      optionsFor(node, INDEX),
      { follow, target, reject: quiet, predictions: quiet, notice: console.error },
      signal,
    )
  }
  const first = new AbortController()
  const running = run(first.signal)
  const indexing = indexWhile(node, 'p')
  await pause(2_000)
  first.abort()
  await running
  const second = new AbortController()
  const again = run(second.signal)
  const events = await indexing
  await untilQuiet(() => sink.accepted.length, events.length)
  await pause(1_500)
  second.abort()
  await again
  await sink.close()
  const distinct = new Set(sink.accepted)
  const isExact = sink.accepted.length === events.length && events.every(({ id }) => distinct.has(id))
  const answers = [...sink.answers].map(([status, count]) => `${count} × ${status || 'cut'}`).join(', ')
  report.check(
    'a stream posted once, over refusals and a restart',
    isExact,
    `${sink.accepted.length} of ${events.length}; ${answers}`,
  )
}

const checkSources = async (node: string, directory: string, report: Report): Promise<void> => {
  const follow = flagsFor(join(directory, 'sources.json'))
  const isFinished = (part: string): boolean => existsSync(join(directory, `${part}.txt`))
  const run = async (signal: AbortSignal): Promise<void> => {
    const options = { follow, isFinished, notice: console.error }
    for await (const source of followSources(optionsFor(node, INDEX), options, signal)) {
      await writePart(source, directory, signal, async () => undefined)
    }
  }
  const before = new AbortController()
  const first = run(before.signal).catch(() => undefined)
  const indexing = indexWhile(node, 's')
  await pause(2_500)
  before.abort()
  await first
  const after = new AbortController()
  const second = run(after.signal).catch(() => undefined)
  const wanted = (await indexing).length + BATCH * BATCHES
  await untilQuiet(() => linesIn(directory).length, wanted)
  await pause(1_000)
  after.abort()
  await second
  const lines = linesIn(directory)
  const isExact = lines.length === wanted && new Set(lines.map((line) => line.split(' ')[0])).size === wanted
  report.check('a stream written once, over a restart', isExact, `${lines.length} of ${wanted}`)
}

export const checkFollow = async (node: string, directory: string, report: Report): Promise<void> => {
  await createIndex(node, INDEX)
  await checkPosts(node, directory, report)
  await checkSources(node, directory, report)
}
