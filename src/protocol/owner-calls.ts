/** What an event-owner object is asked and answers, each with the version of its format. */
import { quote } from '../core/failure.ts'
import { isJsonObject } from '../core/json.ts'

export const OWNER_CALLS_FORMAT = 1

/** `event` is the hash of the event's id, 32 hexadecimal digits. */
export interface OwnerClaim {
  readonly event: string
  readonly message: string
  readonly letter: string | null
}

/** At most `MAX_OWNER_CLAIMS` of one call. */
export interface OwnerClaims {
  readonly format: typeof OWNER_CALLS_FORMAT
  readonly claims: readonly OwnerClaim[]
}

/** At most `MAX_OWNER_CLAIMS` of one call. */
export interface OwnerMessages {
  readonly format: typeof OWNER_CALLS_FORMAT
  readonly messages: readonly string[]
}

/** One answer for each claim or message, in order. */
export interface OwnerReply {
  readonly format: typeof OWNER_CALLS_FORMAT
  readonly answers: readonly boolean[]
}

/** A claim has about 120 bytes: a call of so many stays far under the 32 MiB of an RPC, and one transaction under a tenth of a second. */
export const MAX_OWNER_CLAIMS = 5_000

const MAX_ID_LENGTH = 256

const wrong = (path: string, value: unknown, expected: string): RangeError =>
  new RangeError(`event owners: ${path} is ${quote(value)}, expected ${expected}`)

const listOf = (value: unknown, name: string): readonly unknown[] => {
  const given = isJsonObject(value) ? value : {}
  if (given.format !== OWNER_CALLS_FORMAT)
    throw wrong('format', given.format, `${OWNER_CALLS_FORMAT}, the one this code knows`)
  const list = given[name]
  if (!Array.isArray(list) || list.length > MAX_OWNER_CLAIMS)
    throw wrong(name, Array.isArray(list) ? list.length : list, `an array of at most ${MAX_OWNER_CLAIMS}`)
  return list
}

const readId = (value: unknown, path: string): string => {
  if (typeof value !== 'string' || value.length < 1 || value.length > MAX_ID_LENGTH)
    throw wrong(path, value, `a text of 1 to ${MAX_ID_LENGTH} characters`)
  return value
}

const readClaim = (value: unknown, index: number): OwnerClaim => {
  const { event, message, letter } = isJsonObject(value) ? value : {}
  return {
    event: readId(event, `claims[${index}].event`),
    message: readId(message, `claims[${index}].message`),
    letter: letter === null ? null : readId(letter, `claims[${index}].letter`),
  }
}

/** Throws a `RangeError` that names the place and the value that are wrong. */
export const readOwnerClaims = (value: unknown): readonly OwnerClaim[] => listOf(value, 'claims').map(readClaim)

/** Throws a `RangeError` that names the place and the value that are wrong. */
export const readOwnerMessages = (value: unknown): readonly string[] =>
  listOf(value, 'messages').map((message, index) => readId(message, `messages[${index}]`))

/** `count` answers. Throws a `RangeError` for what this code cannot read. */
export const readOwnerReply = (value: unknown, count: number): readonly boolean[] => {
  const answers = listOf(value, 'answers')
  if (answers.length !== count) throw wrong('the number of answers', answers.length, `${count}`)
  return answers.map((answer) => answer === true)
}
