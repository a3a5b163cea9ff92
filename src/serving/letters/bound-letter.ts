/** A dead letter within the bounds of what is kept. */
import type { NewDeadLetter } from '../ports/dead-letters.ts'

/** An error message quotes what was sent, and a path is the sender's too. */
const MAX_MESSAGE = 1_000
const MAX_PATH = 300
const MAX_SENT_AT = 200
/** A hit's `_id` has 512 bytes at most. */
const MAX_EVENT = 512
const MAX_MODEL = 200

const cut = <T extends string | null>(text: T, length: number): T =>
  (text !== null && text.length > length ? `${text.slice(0, length - 1)}…` : text) as T

/** Texts cut; of a letter of the public the payload too, at `payloadBytes`. */
export const boundLetter = (letter: NewDeadLetter, payloadBytes: number): NewDeadLetter => {
  const { payload, isPublic, sentAt } = letter
  const isTooLong = isPublic && 'bytes' in payload && payload.bytes.length > payloadBytes
  return {
    ...letter,
    message: cut(letter.message, MAX_MESSAGE),
    path: cut(letter.path, MAX_PATH),
    event: cut(letter.event, MAX_EVENT),
    model: cut(letter.model, MAX_MODEL),
    // JSON text: a part of it would be none.
    sentAt: sentAt !== null && sentAt.length > MAX_SENT_AT ? null : sentAt,
    // A copy: a view of a body would keep all of it, and bring all of it to the object.
    payload: isTooLong ? { bytes: payload.bytes.slice(0, payloadBytes), isCut: true } : payload,
  }
}
