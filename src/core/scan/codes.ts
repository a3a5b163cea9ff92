/** Names for the numbers in which the scan kernel speaks of values and faults (kernel/codes.as has the same order). */

/** Kinds of values. A value that was asked for and does not stand in the record is `absent`. */
export const Kind = {
  absent: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  string: 5,
  object: 6,
  array: 7,
} as const

export type Kind = (typeof Kind)[keyof typeof Kind]

/** What can be amiss with a record. The first is: nothing. */
export const FAULT_CODES = [
  'none',
  'unexpected_end',
  'unexpected_byte',
  'mismatched_bracket',
  'too_deep',
  'invalid_literal',
  'invalid_number',
  'invalid_escape',
  'control_character',
  'invalid_utf8',
  /** Only in `_bulk` input: a line that should say what to do with the next one says nothing of the kind. */
  'not_an_action',
] as const

export type FaultCode = (typeof FAULT_CODES)[number]

export const NO_FAULT = 0
export const UNEXPECTED_END = FAULT_CODES.indexOf('unexpected_end')
export const UNEXPECTED_BYTE = FAULT_CODES.indexOf('unexpected_byte')
export const NOT_AN_ACTION = FAULT_CODES.indexOf('not_an_action')
