/** Dead letters and filters of them, between the port and the wire. */
import type { LetterAnswer, LetterFilterBody } from '../../protocol/dead-letters.ts'
import type { DeadLetterFilter, ListedLetter } from '../ports/dead-letters.ts'

const iso = (epochMilliseconds: number): string => new Date(epochMilliseconds).toISOString()

export const describeLetter = (letter: ListedLetter): LetterAnswer => ({
  id: letter.id,
  state: letter.state,
  stage: letter.stage,
  code: letter.code,
  message: letter.message,
  path: letter.path,
  event: letter.event,
  model: letter.model,
  model_version: letter.modelVersion,
  code_version: letter.codeVersion,
  received_at: iso(letter.receivedAt),
  sent_at: letter.sentAt,
  is_public: letter.isPublic,
  is_bot: letter.isBot,
  first_failed_at: iso(letter.firstFailedAt),
  last_failed_at: iso(letter.lastFailedAt),
  changed_at: iso(letter.changedAt),
  attempts: letter.attempts,
  is_body: letter.isBody,
  is_cut: letter.isCut,
  bytes: letter.bytes,
  reason: letter.reason,
})

export const filterOf = ({ from, to, ...filter }: LetterFilterBody): DeadLetterFilter => ({
  ...filter,
  from: from === undefined ? undefined : Date.parse(from),
  to: to === undefined ? undefined : Date.parse(to),
})

/** Of waiting letters, unless it names a state. */
export const waitingUnless = (filter: DeadLetterFilter): DeadLetterFilter => ({
  ...filter,
  state: filter.state ?? 'waiting',
})
