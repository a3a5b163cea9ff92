/** Runs sources through the threads into a destination. */
import { ScanFailure } from '../../core/scan/scan-failure.ts'
import { UsageError } from '../command.ts'
import { inOrder } from './in-order.ts'
import { blocksOf, type PlacedBlock, StreamNumbers } from './input/blocks.ts'
import type { Destination } from './output/destination.ts'
import type { BlockFailure, BlockResult } from './rows/block.ts'
import type { Reject } from './rows/reject.ts'
import type { RecordSource } from './source.ts'
import { exampleLine } from './summary.ts'
import { Tally } from './tally.ts'
import type { Lanes } from './threads/lanes.ts'

/** Blocks in hand for each thread: one that it reads and one that waits. */
const BLOCKS_A_LANE = 2

export interface Run {
  /** An array is read ahead; of anything else the next source is asked for when the one before has been written and committed. */
  readonly sources: readonly RecordSource[] | AsyncIterable<RecordSource>
  readonly destination: Destination
  readonly lanes: Lanes
  /** A greater share of rejects fails the run, or the part that has it. In [0, 1]. */
  readonly maxRejectShare: number
  /** Nothing but rejects is a failure unless this is set: each of them has its line in the table then. */
  readonly mayGiveNoRows?: boolean
  /** Ends the run, which then rejects with its reason. */
  readonly signal: AbortSignal
  /** Called after each block; `position` adds up what the sources call positions. */
  readonly onProgress: (tally: Tally, position: number) => void
  /** A source whose part was finished by an earlier run. */
  readonly onSkipped: (source: RecordSource) => void
}

type Item =
  | { readonly kind: 'begin' | 'end'; readonly source: RecordSource }
  | { readonly kind: 'block'; readonly source: RecordSource; readonly placed: PlacedBlock }

type Done =
  | { readonly kind: 'begin' | 'end'; readonly source: RecordSource }
  | {
      readonly kind: 'block'
      readonly source: RecordSource
      readonly placed: PlacedBlock
      readonly result: BlockResult
    }

/** More records were rejected than the caller allows. Exit code 1. */
export class TooManyRejects extends Error {
  override readonly name = 'TooManyRejects'
}

/** An input that cannot be read on. */
const badInput = (source: RecordSource, { message, line, offset }: Omit<BlockFailure, 'code'>): UsageError =>
  new UsageError(`${source.name}: ${message} (line ${line}, byte ${offset})`)

/** `committed` resolves when the end of a source was taken. */
async function* itemsOf(
  run: Run,
  committed: (source: RecordSource) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const streams = new StreamNumbers()
  for await (const source of run.sources) {
    if (run.destination.isFinished(source)) {
      run.onSkipped(source)
      continue
    }
    yield { kind: 'begin', source }
    try {
      for await (const placed of blocksOf(source, streams, signal)) yield { kind: 'block', source, placed }
    } catch (error) {
      throw error instanceof ScanFailure ? new UsageError(`${source.name}: ${error.message}`) : error
    }
    yield { kind: 'end', source }
    if (!Array.isArray(run.sources)) await committed(source)
  }
}

/** What is counted from the beginning of a source. */
interface Course {
  linesBefore: number
  position: number
  rows: number
  rejected: number
}

const newCourse = (): Course => ({ linesBefore: 0, position: 0, rows: 0, rejected: 0 })

/** Takes what was done, in order. */
class Writing {
  readonly tally = new Tally()
  private readonly run: Run
  private course = newCourse()
  /** Positions of the sources that are done. */
  private finished = 0
  private lastEnded: RecordSource | undefined
  private onEnd = (): void => undefined

  constructor(run: Run) {
    this.run = run
  }

  /** Resolves when all of `source` has been written, and its part committed. */
  committed(source: RecordSource): Promise<void> {
    return new Promise((resolve) => {
      this.onEnd = () => {
        if (this.lastEnded === source) resolve()
      }
      this.onEnd()
    })
  }

  async take(done: Done): Promise<void> {
    const { destination, lanes } = this.run
    if (done.kind === 'begin') {
      this.course = newCourse()
      await destination.begin(done.source, lanes)
    } else if (done.kind === 'block') await this.add(done.source, done.placed, done.result)
    else {
      this.finished += this.course.position
      if (destination.isByPart) this.judge(this.course, done.source)
      await destination.end(done.source)
      this.lastEnded = done.source
      this.onEnd()
    }
  }

  async finish(): Promise<void> {
    const { destination } = this.run
    if (!destination.isByPart) this.judge(this.tally)
    await destination.finish()
  }

  private async add(source: RecordSource, placed: PlacedBlock, result: BlockResult): Promise<void> {
    const { course, tally, run } = this
    const rejects = result.rejects.map((reject): Reject => ({ ...reject, line: reject.line + course.linesBefore }))
    tally.add(source.name, result, rejects)
    await run.destination.add(source, result, rejects)
    const { failure } = result
    if (failure !== undefined) throw badInput(source, { ...failure, line: failure.line + course.linesBefore })
    course.linesBefore += result.lines
    course.rows += result.rows
    course.rejected += result.rejected
    course.position = placed.position
    run.onProgress(tally, this.finished + course.position)
  }

  /** Throws a TooManyRejects. Nothing but rejects is a failure whatever share is allowed, unless there may be no rows. */
  private judge({ rows, rejected }: Pick<Tally, 'rows' | 'rejected'>, part?: RecordSource): void {
    const { maxRejectShare } = this.run
    const { mayGiveNoRows } = part ?? this.run
    const records = rows + rejected
    const isTooMuch = rejected > 0 && rejected / records > maxRejectShare
    const isAll = rejected > 0 && rows === 0 && mayGiveNoRows !== true
    if (!isTooMuch && !isAll) return
    const where = part === undefined ? '' : `${part.name}: `
    const why = isTooMuch ? `more than --max-reject-share ${maxRejectShare}` : 'so that there are no rows'
    const example = this.tally.examples.find(({ source }) => part === undefined || source === part.name)
    const first = example === undefined ? '' : `; the first: ${exampleLine(example)}`
    throw new TooManyRejects(`${where}${rejected} of ${records} records were rejected, ${why}${first}`)
  }
}

/**
 * Runs all sources, in order. Rejects with a UsageError for input that cannot be read on, TooManyRejects, SourceFailure, OutputFailure, or
 * the signal's reason; nothing unfinished is left behind then.
 */
export const runFeaturize = async (run: Run): Promise<Tally> => {
  const { destination, lanes } = run
  const ending = new AbortController()
  const signal = AbortSignal.any([run.signal, ending.signal])
  const writing = new Writing(run)
  const aborted = new Promise<never>((_, reject) => {
    run.signal.addEventListener('abort', () => reject(run.signal.reason), { once: true })
  })
  aborted.catch(() => undefined)
  const start = async (item: Item): Promise<Done> =>
    item.kind === 'block' ? { ...item, result: await lanes.read(item.placed.block) } : item
  const write = async (): Promise<void> => {
    run.signal.throwIfAborted()
    for await (const done of inOrder(
      itemsOf(run, (source) => writing.committed(source), signal),
      lanes.count * BLOCKS_A_LANE,
      start,
    )) {
      run.signal.throwIfAborted()
      await writing.take(done)
    }
    await writing.finish()
  }
  const written = write()
  try {
    await Promise.race([written, aborted])
    return writing.tally
  } catch (error) {
    ending.abort()
    // Whatever is being written just now must have ended before it is thrown away.
    await lanes.close()
    await written.catch(() => undefined)
    if (error instanceof TooManyRejects) await destination.refuse()
    else await destination.discard()
    throw error
  }
}
