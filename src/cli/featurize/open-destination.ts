/** Opens what the flags say the rows and the rejects go to. */
import { resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { UsageError } from '../command.ts'
import type { OutputTarget } from './options/read-flags.ts'
import type { Destination, Notes } from './output/destination.ts'
import { type OpenOutput, streamOutput } from './output/output-file.ts'
import { PartFolder } from './output/part-folder.ts'
import { singleTable } from './output/single-table.ts'
import type { FeaturizePlan } from './plan.ts'

export interface DestinationRequest {
  readonly target: OutputTarget
  readonly plan: FeaturizePlan
  readonly notes: Notes
  readonly rejects: string | undefined
  /** Paths that are read, which no output may overwrite. */
  readonly inputs: readonly string[]
  readonly open: OpenOutput
  readonly standardOutput: Writable
  readonly warn: (message: string) => void
}

/** Throws a UsageError for an output that is also an input, and for a folder of other parts. */
export const openDestination = async (request: DestinationRequest): Promise<Destination> => {
  const { target, plan, notes, rejects, open } = request
  for (const path of [target.kind === 'file' ? target.path : undefined, rejects]) {
    if (path !== undefined && request.inputs.some((input) => resolve(input) === resolve(path))) {
      throw new UsageError(`${path} is an input; it would be overwritten`)
    }
  }
  if (target.kind === 'folder') return new PartFolder(target.path, plan, notes, rejects, open, request.warn)
  const output =
    target.kind === 'stream' ? streamOutput(request.standardOutput, 'standard output') : await open(target.path)
  try {
    return singleTable(plan, output, rejects === undefined ? undefined : await open(rejects), notes)
  } catch (error) {
    await output.discard()
    throw error
  }
}
