/** What the kernel says in numbers: the kinds of values and the codes of faults. src/core/scan/codes.ts names them in the same order. */

export const ABSENT: u32 = 0
export const NULL: u32 = 1
export const FALSE: u32 = 2
export const TRUE: u32 = 3
export const NUMBER: u32 = 4
export const STRING: u32 = 5
export const OBJECT: u32 = 6
export const ARRAY: u32 = 7

export const NO_FAULT: u32 = 0
export const UNEXPECTED_END: u32 = 1
export const UNEXPECTED_BYTE: u32 = 2
export const MISMATCHED_BRACKET: u32 = 3
export const TOO_DEEP: u32 = 4
export const INVALID_LITERAL: u32 = 5
export const INVALID_NUMBER: u32 = 6
export const INVALID_ESCAPE: u32 = 7
export const CONTROL_CHARACTER: u32 = 8
export const INVALID_UTF8: u32 = 9

/** Deepest nesting that is accepted, as in src/protocol/json-scan.ts; a stack of open brackets is then one 64-bit word. */
export const MAX_DEPTH: u32 = 64
