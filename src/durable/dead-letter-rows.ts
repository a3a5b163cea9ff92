/** A dead letter as a row of its table. */
import type { FailureCode } from '../core/failure.ts'
import type {
  DeadLetter,
  DeadLetterStage,
  DeadLetterState,
  ListedLetter,
  NewDeadLetter,
} from '../serving/ports/dead-letters.ts'

const FORMAT = 1

/** The columns of a letter, in the order of the table from `id` on. */
export const COLUMNS =
  'sequence, id, state, stage, code, model, first_failed_at, last_failed_at, changed_at, attempts, kept_bytes, format, body'

export type Row = {
  readonly sequence: number
  readonly id: string
  readonly state: DeadLetterState
  readonly stage: DeadLetterStage
  readonly code: FailureCode
  readonly model: string
  readonly first_failed_at: number
  readonly last_failed_at: number
  readonly changed_at: number
  readonly attempts: number
  readonly kept_bytes: number
  readonly format: number
  readonly body: string
}

/** What stands in `body`. */
export interface Body {
  readonly isPublic: boolean
  readonly message: string
  readonly path: string | null
  readonly event: string | null
  readonly modelVersion: string | null
  readonly codeVersion: string
  readonly receivedAt: number
  readonly sentAt: string | null
  readonly edgeZip: string | null
  readonly isBot: boolean
  readonly isBody: boolean
  readonly isCut: boolean
  readonly bytes: number
  readonly reason: string | null
  /** Where the payload lies in the bucket. */
  readonly key: string | null
}

/** A row's body. A format that this code still accepts is a case of its own here. */
export const bodyOf = ({ format, body }: Pick<Row, 'format' | 'body'>): Body => {
  if (format !== FORMAT) throw new Error(`a stored letter has format ${format}, this code knows ${FORMAT}`)
  return JSON.parse(body) as Body
}

export const newBody = (letter: NewDeadLetter, isCut: boolean, keptBytes: number): Body => {
  const { isPublic, message, path, event, modelVersion, codeVersion, receivedAt, sentAt, edgeZip, isBot } = letter
  const { payload, stage } = letter
  const place =
    'bytes' in payload
      ? { bytes: keptBytes, key: null }
      : { bytes: payload.reference.bytes, key: payload.reference.key }
  return {
    ...{ isPublic, message, path, event, modelVersion, codeVersion, receivedAt, sentAt, edgeZip, isBot },
    ...{ isBody: stage === 'receive', isCut, ...place, reason: null },
  }
}

/** The body of a letter that has failed once more. */
export const failedAgain = (body: Body, { message, path, modelVersion, codeVersion }: NewDeadLetter): Body => ({
  ...body,
  ...{ message, path, modelVersion, codeVersion, reason: null },
})

export const storedBody = (body: Body): readonly [number, string] => [FORMAT, JSON.stringify(body)]

export const listedOf = (row: Row): ListedLetter => {
  const { key: _, ...body } = bodyOf(row)
  return {
    sequence: row.sequence,
    id: row.id,
    state: row.state,
    stage: row.stage,
    code: row.code,
    model: row.model,
    firstFailedAt: row.first_failed_at,
    lastFailedAt: row.last_failed_at,
    changedAt: row.changed_at,
    attempts: row.attempts,
    ...body,
  }
}

/** `bytes`: the payload as the table of payloads has it. */
export const letterOf = (row: Row, bytes: Uint8Array): DeadLetter => {
  const { key, bytes: length, isCut } = bodyOf(row)
  const payload = key === null ? { bytes, isCut } : { reference: { key, bytes: length } }
  return { ...listedOf(row), payload }
}
