/** Where a stream of events stands, kept in a file between runs. */
import { type Checkpoint, newCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint-file.ts'
import type { FollowOptions } from './follow-options.ts'
import { beginning, FollowState } from './follow-state.ts'
import { readingOf } from './reading.ts'
import type { OpenIndex } from './sources.ts'

export class FollowedStream {
  private readonly path: string | undefined
  private checkpoint: Checkpoint
  private current: FollowState

  private constructor(path: string | undefined, checkpoint: Checkpoint) {
    this.path = path
    this.checkpoint = checkpoint
    this.current = new FollowState(checkpoint.state)
  }

  /** Goes on where the checkpoint says. `isFinished` tells whether the part of this number stands under its final name. */
  static open(
    { server, selection }: OpenIndex,
    { checkpoint: path, fromMilliseconds }: FollowOptions,
    isFinished: (part: number) => boolean = () => false,
  ): FollowedStream {
    const reading = readingOf(server, selection)
    const from = fromMilliseconds === undefined ? null : Math.floor(fromMilliseconds * reading.perMillisecond)
    const fresh = { ...newCheckpoint(reading), state: { ...beginning, from } }
    const kept = (path === undefined ? undefined : readCheckpoint(path, reading)) ?? fresh
    const { pending, part } = kept
    if (pending === null || !isFinished(part)) return new FollowedStream(path, { ...kept, pending: null })
    // The last run was stopped between finishing the part and saying so.
    return new FollowedStream(path, { ...kept, state: pending, part: part + 1, pending: null })
  }

  /** What was delivered. */
  get state(): FollowState {
    return this.current
  }

  get part(): number {
    return this.checkpoint.part
  }

  save(): void {
    this.write({ ...this.checkpoint, state: this.current.save() })
  }

  /** The part that is being written holds all that `state` says was delivered; that counts once the part is finished. */
  announcePart(state: FollowState): void {
    this.write({ ...this.checkpoint, pending: state.save() })
  }

  /** The announced part is finished. */
  finishPart(): void {
    const { checkpoint } = this
    const state = checkpoint.pending ?? checkpoint.state
    this.current = new FollowState(state)
    this.write({ ...checkpoint, state, part: checkpoint.part + 1, pending: null })
  }

  private write(checkpoint: Checkpoint): void {
    this.checkpoint = checkpoint
    if (this.path !== undefined) writeCheckpoint(this.path, checkpoint)
  }
}
