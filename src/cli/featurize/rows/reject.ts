/** A record that gave no row, and why. */
import type { FailureCode } from '../../../core/failure.ts'
import type { FaultCode } from '../../../core/scan/codes.ts'

/** What can be amiss with a record: its JSON, or what it says. `blank_line` is told only where every line in wants its line out. */
export type RejectCode = FailureCode | 'not_an_action' | 'blank_line'

export interface Reject {
  /** The line it begins on, from 1; within its block until the blocks are put in order. */
  readonly line: number
  /** Bytes of the source before it. */
  readonly offset: number
  readonly code: RejectCode
  readonly message: string
  /** Where in the record, dotted. */
  readonly path?: string | undefined
  /** The record as text; `undefined` where nobody keeps the rejects. */
  readonly raw: string | undefined
  /** The same in base64, where the bytes are no UTF-8. */
  readonly rawBase64?: string | undefined
  /** Rows of its block before it. */
  readonly row: number
}

/** The code a scanner's fault goes by. */
export const codeOfFault = (fault: FaultCode): RejectCode => {
  if (fault === 'too_deep' || fault === 'invalid_utf8' || fault === 'not_an_action') return fault
  return 'invalid_json'
}

/** How this command calls what the worker's messages call by the names of its variables. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/configure TIME_UNIT=(\w+)/g, 'say --time-unit $1'],
  [/configure TIME_ZONE/g, 'say --time-zone'],
  [/TIME_UNIT/g, '--time-unit'],
  [/TIME_ZONE/g, '--time-zone'],
  [/TIME_PATH/g, '--time-path'],
]

export const asOptions = (message: string): string =>
  SPELLINGS.reduce((text, [name, option]) => text.replace(name, option), message)

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const looseDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** `bytes` as a reject holds them. */
export const rawOf = (bytes: Uint8Array): Pick<Reject, 'raw' | 'rawBase64'> => {
  try {
    return { raw: strictDecoder.decode(bytes) }
  } catch {
    return { raw: looseDecoder.decode(bytes), rawBase64: Buffer.from(bytes).toString('base64') }
  }
}
