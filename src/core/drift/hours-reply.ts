/** What a statistics object answers about the hours of a version, with the version of its format. */
import { quote } from '../failure.ts'
import { isJsonObject } from '../json.ts'
import type { HourCounts } from './window-counts.ts'

/** What a statistics object answers to the question for the hours of a version. */
export interface HoursReply {
  readonly format: 1
  readonly blocks: readonly HourCounts[]
}

/** Throws an `Error` that says what is wrong, for a reply of code that is not of this format. */
export const readHoursReply = (value: unknown): readonly HourCounts[] => {
  if (!isJsonObject(value) || value.format !== 1 || !Array.isArray(value.blocks))
    throw new Error(`the hours have format ${quote(isJsonObject(value) ? value.format : value)}, expected 1`)
  return value.blocks as unknown as readonly HourCounts[]
}
