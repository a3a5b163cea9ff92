/** Rows in and out of the tables of the dead letters. */
import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterState,
  DeadLetterTotals,
  ListedLetter,
  NewDeadLetter,
} from '../serving/ports/dead-letters.ts'
import { bodyOf, COLUMNS, failedAgain, letterOf, listedOf, newBody, type Row, storedBody } from './dead-letter-rows.ts'

const NOTHING = new Uint8Array()

/** How a filter reads in SQL, each with its value. */
const conditionsOf = ({ state, stage, code, model, from, to }: DeadLetterFilter): [string, string | number][] => {
  const all: [string, string | number | undefined][] = [
    ['state = ?', state],
    ['stage = ?', stage],
    ['code = ?', code],
    ['model = ?', model],
    ['first_failed_at >= ?', from],
    ['first_failed_at < ?', to],
  ]
  return all.flatMap(([condition, value]) => (value === undefined ? [] : [[condition, value]]))
}

const sumBy = <T>(rows: readonly T[], keyOf: (row: T) => string, of: (row: T) => number): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const row of rows) sums[keyOf(row)] = (sums[keyOf(row)] ?? 0) + of(row)
  return sums
}

export class DeadLetterStore {
  constructor(private readonly sql: SqlStorage) {}

  /** Payloads kept here, in all. */
  get bytes(): number {
    return this.sql.exec<{ bytes: number }>('SELECT coalesce(sum(bytes), 0) AS bytes FROM totals').one().bytes
  }

  /** A letter that is there already has failed once more, if this failure is a later one. False: it is not there. */
  fail(letter: NewDeadLetter, now: number): boolean {
    const row = this.#row(letter.id)
    if (row === undefined) return false
    if (row.state === 'discarded' || letter.failedAt <= row.last_failed_at) return true
    const [format, body] = storedBody(failedAgain(bodyOf(row), letter))
    this.sql.exec(
      `UPDATE letters SET state = 'waiting', stage = ?, code = ?, last_failed_at = ?, changed_at = ?, attempts = attempts + ?,
        format = ?, body = ? WHERE sequence = ?`,
      ...[letter.stage, letter.code, letter.failedAt, now, letter.attempts, format, body, row.sequence],
    )
    this.#settle(row.sequence)
    return true
  }

  /** `bytes`: of its payload, as far as they are kept here. */
  add(letter: NewDeadLetter, bytes: Uint8Array, isCut: boolean, now: number): void {
    const [format, body] = storedBody(newBody(letter, isCut, bytes.length))
    const { sequence } = this.sql
      .exec<{ sequence: number }>(
        `INSERT INTO letters (id, state, stage, code, model, first_failed_at, last_failed_at, changed_at, attempts, kept_bytes, format, body)
          VALUES (?, 'waiting', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING sequence`,
        ...[letter.id, letter.stage, letter.code, letter.model, letter.failedAt, letter.failedAt, now, letter.attempts],
        ...[bytes.length, format, body],
      )
      .one()
    if (bytes.length > 0) this.sql.exec('INSERT INTO payloads VALUES (?, ?)', sequence, bytes)
  }

  /** At most `limit` letters that came after `sequence`, and the sequence of the last one; `null` where no other follows. */
  list(
    filter: DeadLetterFilter,
    after: number,
    limit: number,
  ): { readonly letters: readonly ListedLetter[]; readonly last: number | null } {
    const conditions = conditionsOf(filter)
    const where = ['sequence > ?', ...conditions.map(([condition]) => condition)].join(' AND ')
    const query = `SELECT ${COLUMNS} FROM letters WHERE ${where} ORDER BY sequence LIMIT ?`
    const rows = [...this.sql.exec<Row>(query, after, ...conditions.map(([, value]) => value), limit + 1)]
    const page = rows.slice(0, limit)
    return { letters: page.map(listedOf), last: rows.length > limit ? (page.at(-1)?.sequence ?? null) : null }
  }

  look(id: string): ListedLetter | undefined {
    const row = this.#row(id)
    return row === undefined ? undefined : listedOf(row)
  }

  get(id: string): DeadLetter | undefined {
    const row = this.#row(id)
    if (row === undefined) return undefined
    const [payload] = this.sql.exec<{ bytes: ArrayBuffer }>(
      'SELECT bytes FROM payloads WHERE sequence = ?',
      row.sequence,
    )
    return letterOf(row, payload === undefined ? NOTHING : new Uint8Array(payload.bytes))
  }

  /** The ids of the first replay of this letter, which are `events` if this is it; `null` for a letter that is not to be replayed. */
  begin(id: string, events: readonly string[]): readonly string[] | null {
    const row = this.#row(id)
    if (row === undefined || row.state === 'replayed' || row.state === 'discarded') return null
    const stored = this.sql
      .exec<{ events: string }>(
        'INSERT INTO replays VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET is_open = 1 RETURNING events',
        row.sequence,
        JSON.stringify(events),
      )
      .one()
    return JSON.parse(stored.events) as string[]
  }

  /** Only while what was begun is open: a message may be worked off before its sender has heard that it is in the queue. */
  replaying(id: string, now: number): void {
    this.sql.exec(
      `UPDATE letters SET state = 'replaying', changed_at = ?2 WHERE id = ?1 AND state = 'waiting'
        AND EXISTS (SELECT 1 FROM replays WHERE replays.sequence = letters.sequence AND is_open = 1)`,
      id,
      now,
    )
  }

  /**
   * Not a letter that has failed since its replay began: of several events some may have had their effect. Nor one of several events that
   * is not known to be in the queue as a whole: then it waits to be replayed once more, which does nothing to what had its effect.
   */
  replayed(id: string, now: number): void {
    this.sql.exec(
      `UPDATE letters SET state = 'replayed', changed_at = ?2 WHERE id = ?1 AND (state = 'replaying' OR state = 'waiting'
        AND EXISTS (SELECT 1 FROM replays WHERE replays.sequence = letters.sequence AND is_open = 1 AND json_array_length(events) = 1))`,
      id,
      now,
    )
    this.sql.exec('UPDATE replays SET is_open = 0 WHERE sequence = (SELECT sequence FROM letters WHERE id = ?)', id)
  }

  /** False: it is not there, or has been replayed or discarded before. */
  discard(id: string, reason: string, now: number): boolean {
    const row = this.#row(id)
    if (row === undefined || row.state === 'replayed' || row.state === 'discarded') return false
    const [format, body] = storedBody({ ...bodyOf(row), reason })
    this.sql.exec('UPDATE letters SET format = ?, body = ? WHERE sequence = ?', format, body, row.sequence)
    this.#change(row.sequence, 'discarded', now)
    return true
  }

  totals(counted: number): DeadLetterTotals {
    type Total = { state: string; stage: string; code: string; letters: number; bytes: number }
    const rows = [...this.sql.exec<Total>('SELECT state, stage, code, letters, bytes FROM totals WHERE letters > 0')]
    const byState = sumBy(
      rows,
      ({ state }) => state,
      ({ letters }) => letters,
    )
    return {
      waiting: byState.waiting ?? 0,
      by_state: byState,
      by_stage: sumBy(
        rows,
        ({ stage }) => stage,
        ({ letters }) => letters,
      ),
      by_code: sumBy(
        rows,
        ({ code }) => code,
        ({ letters }) => letters,
      ),
      counted,
      payload_bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  }

  /** Forgets at most `limit` letters that last failed before `oldest`, epoch milliseconds; returns how many. */
  forget(oldest: number, limit: number): number {
    const query = 'SELECT sequence FROM letters WHERE last_failed_at < ? ORDER BY last_failed_at LIMIT ?'
    const old = [...this.sql.exec<{ sequence: number }>(query, oldest, limit)]
    for (const { sequence } of old) this.sql.exec('DELETE FROM letters WHERE sequence = ?', sequence)
    return old.length
  }

  get isEmpty(): boolean {
    return [...this.sql.exec('SELECT 1 FROM letters LIMIT 1')].length === 0
  }

  #row(id: string): Row | undefined {
    return [...this.sql.exec<Row>(`SELECT ${COLUMNS} FROM letters WHERE id = ?`, id)][0]
  }

  #change(sequence: number, state: DeadLetterState, now: number): void {
    this.sql.exec('UPDATE letters SET state = ?, changed_at = ? WHERE sequence = ?', state, now, sequence)
  }

  #settle(sequence: number): void {
    this.sql.exec('UPDATE replays SET is_open = 0 WHERE sequence = ?', sequence)
  }
}
