/** Opens what the flags say the rows and the rejects go to. */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { UsageError } from '../command.ts'
import { inputPaths } from './input/file-sources.ts'
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
  /** Paths and patterns of what is read, which no output may overwrite. */
  readonly inputs: readonly string[]
  readonly open: OpenOutput
  readonly standardOutput: Writable
  readonly warn: (message: string) => void
}

/** Throws a UsageError where the rejects would stand in the place of rows, or have no name. */
const checkRejects = ({ target, rejects }: DestinationRequest): void => {
  if (rejects === undefined) return
  if (rejects === '-' || statSync(rejects, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UsageError(`--rejects ${rejects}: expected the name of a file`)
  }
  const path = resolve(rejects)
  const isPart = target.kind === 'folder' && dirname(path) === resolve(target.path) && path.endsWith(`.${target.form}`)
  if (isPart) throw new UsageError(`--rejects ${rejects}: would stand among the parts in ${target.path}`)
  if (target.kind === 'file' && path === resolve(target.path)) {
    throw new UsageError(`--rejects ${rejects}: is the output; give the rejects a file of their own`)
  }
}

/** Throws a UsageError for an output that is also an input, for rejects in the place of rows, and for a folder of other parts. */
export const openDestination = async (request: DestinationRequest): Promise<Destination> => {
  const { target, plan, notes, rejects, open } = request
  checkRejects(request)
  const read = new Set([...(await inputPaths(request.inputs))].map((path) => resolve(path)))
  for (const path of [target.kind === 'file' ? target.path : undefined, rejects]) {
    if (path !== undefined && read.has(resolve(path))) {
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
