/** From a dead letter's payload to the events that it is replayed as. */
import type { ReceiptRules } from '../../core/event/settle-time.ts'
import { Failure } from '../../core/failure.ts'
import type { JsonValue } from '../../core/json.ts'
import { applyFixes, type FixRule } from '../../core/replay/fix-rules.ts'
import { type BodyItem, type BodyLimits, readBody } from '../../protocol/body.ts'
import { parseJson } from '../../protocol/parse-json.ts'
import { decodeUtf8 } from '../../protocol/utf8.ts'
import { readCandidates } from '../candidates.ts'
import type { ListedLetter } from '../ports/dead-letters.ts'

/** An event of a letter, repaired. */
export interface LetterEvent {
  /** Its own, else made of its content, else of the letter. */
  readonly id: string
  readonly value: JsonValue
  readonly sentAt: JsonValue
}

/** `applied`: for each rule, in how many events it was applied. */
export interface ReadLetter {
  readonly events: readonly LetterEvent[]
  readonly applied: readonly number[]
}

/** What holds of a letter, and does not change with its repair. */
export type LetterOrigin = Pick<ListedLetter, 'id' | 'isBody' | 'receivedAt' | 'sentAt' | 'edgeZip'>

const itemsOf = (letter: LetterOrigin, bytes: Uint8Array, limits: BodyLimits): readonly BodyItem[] => {
  if (!letter.isBody) return [{ value: parseJson(decodeUtf8(bytes)) }]
  const body = readBody(bytes, { contentType: null, batch: false, limits })
  return body.kind === 'single' ? [{ value: body.value }] : body.items
}

/** The id an event gets that has none; it must not change when the letter is replayed once more. */
const madeUpId = ({ id }: LetterOrigin, index: number): string => (index === 0 ? id : `${id}-${index}`)

const readOne = (
  item: Extract<BodyItem, { readonly value: JsonValue }>,
  letter: LetterOrigin,
  index: number,
  fixes: readonly FixRule[],
  rules: ReceiptRules,
): { readonly event: LetterEvent; readonly applied: readonly boolean[] } => {
  const ownSentAt = item.sentAt ?? (letter.sentAt === null ? null : parseJson(letter.sentAt))
  const read = (chosen: readonly FixRule[]) => {
    const { value, applied } = applyFixes(item.value, chosen, letter.receivedAt)
    const arrived = { value, receivedAt: letter.receivedAt, ...(ownSentAt !== null && { sentAt: ownSentAt }) }
    const madeUp = madeUpId(letter, index)
    const { candidates, refused } = readCandidates([arrived], letter.edgeZip, rules, () => madeUp)
    const [candidate] = candidates
    if (candidate !== undefined) return { value, applied, candidate, madeUp }
    throw refused[0]?.failure ?? new Failure('internal', 'the event was neither read nor refused')
  }
  const { value, applied, candidate, madeUp } = read(fixes)
  const event = { value, sentAt: ownSentAt }
  if (candidate.event.id !== null) return { event: { ...event, id: candidate.event.id }, applied }
  // A time that a rule has set says nothing of who the event is: then two letters of the same content are two events.
  const isSet = fixes.some(({ op }, rule) => op === 'set' && applied[rule] === true)
  const hasOwnTime = candidate.event.hasOwnTime && (!isSet || isReadable(() => read(fixes.filter(isNoSet))))
  return { event: { ...event, id: hasOwnTime ? candidate.id : madeUp }, applied }
}

const isNoSet = ({ op }: FixRule): boolean => op !== 'set'

const isReadable = (
  read: () => { readonly candidate: { readonly event: { readonly hasOwnTime: boolean } } },
): boolean => {
  try {
    return read().candidate.event.hasOwnTime
  } catch (error) {
    if (error instanceof Failure) return false
    throw error
  }
}

/**
 * Reads `bytes`, the payload of `letter`, repairs each event by `fixes` and checks it as of its receipt. Throws the Failure of the first event that
 * still cannot be used: a letter is replayed as a whole.
 */
export const readLetter = (
  letter: LetterOrigin,
  bytes: Uint8Array,
  fixes: readonly FixRule[],
  rules: ReceiptRules,
  limits: BodyLimits,
): ReadLetter => {
  const asOfReceipt = { ...rules, now: () => letter.receivedAt }
  const applied = fixes.map(() => 0)
  const events = itemsOf(letter, bytes, limits).map((item, index) => {
    if ('failure' in item) throw item.failure
    const read = readOne(item, letter, index, fixes, asOfReceipt)
    for (const [rule, was] of read.applied.entries()) if (was) applied[rule] = (applied[rule] ?? 0) + 1
    return read.event
  })
  if (events.length === 0) throw new Failure('not_an_event', 'the payload holds no event')
  return { events, applied }
}
