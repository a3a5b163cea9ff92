/** Threads that read blocks and encode row groups, each with a queue of its own. */
import type { EncodedGroup } from '../parquet/row-group.ts'
import type { TypedColumn } from '../parquet/schema.ts'
import { type Batch, sharedMemory } from '../rows/batch.ts'
import type { Block, BlockResult } from '../rows/block.ts'
import { Lane } from '../rows/lane.ts'
import { ZipTable } from '../zip-table.ts'
import type { ThreadSetup } from './messages.ts'
import type { RemoteLane } from './remote-lane.ts'
import type { Thread } from './thread.ts'

/** A lane in the calling thread: for tests, and for inputs that are read before a thread would have started. */
export const inlineLane = ({ plan, zips, keepRejects }: ThreadSetup): RemoteLane => {
  const lane = new Lane(plan, new ZipTable(zips), keepRejects)
  return {
    read: async (block, spare) => lane.read(block, spare),
    encode: async (columns, batches, memory) => lane.encode(columns, batches, memory),
    close: async () => undefined,
  }
}

/** Hands work to whichever lane has the least to do; blocks of one stream go to one lane. */
export class Lanes {
  private readonly lanes: readonly RemoteLane[]
  private readonly waiting: number[]
  private readonly streams = new Map<number, number>()
  /** Memory of batches that were encoded, each for one of the next ones: so the lanes get of each size what they take of it. */
  private readonly spare: SharedArrayBuffer[][] = []

  constructor(lanes: readonly RemoteLane[]) {
    this.lanes = lanes
    this.waiting = lanes.map(() => 0)
  }

  /** In the calling thread where there are no `threads`. */
  static begin(setup: ThreadSetup, threads: readonly Thread[]): Lanes {
    return new Lanes(threads.length === 0 ? [inlineLane(setup)] : threads.map((thread) => thread.begin(setup)))
  }

  get count(): number {
    return this.lanes.length
  }

  read(block: Block): Promise<BlockResult> {
    const lane = this.streams.get(block.stream) ?? this.idlest()
    if (block.isLines || block.isLast) this.streams.delete(block.stream)
    else this.streams.set(block.stream, lane)
    const spare = this.spare.pop() ?? []
    return this.run(lane, (remote) => remote.read(block, spare))
  }

  async encode(
    columns: readonly TypedColumn[],
    batches: readonly Batch[],
    memory?: SharedArrayBuffer,
  ): Promise<EncodedGroup> {
    const group = await this.run(this.idlest(), (remote) => remote.encode(columns, batches, memory))
    this.spare.push(...batches.map(sharedMemory).filter(({ length }) => length > 0))
    return group
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close()))
  }

  private async run<T>(lane: number, work: (remote: RemoteLane) => Promise<T>): Promise<T> {
    this.waiting[lane]++
    try {
      return await work(this.lanes[lane])
    } finally {
      this.waiting[lane]--
    }
  }

  private idlest(): number {
    return this.waiting.indexOf(Math.min(...this.waiting))
  }
}
