/** The tables of a statistics object, and the steps that lead from one version of them to the next. */

/** Applied in order, each once; a step that has been deployed is never changed. */
const STEPS: readonly (readonly string[])[] = [
  [
    // One row for each span, start and key: a model version, or '' for what belongs to none.
    `CREATE TABLE windows (
      span INTEGER NOT NULL, start INTEGER NOT NULL, key TEXT NOT NULL, format INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (span, start, key)
    )`,
    'CREATE TABLE isolates (isolate TEXT PRIMARY KEY, last_sequence INTEGER NOT NULL, seen_at INTEGER NOT NULL) WITHOUT ROWID',
    'CREATE INDEX isolates_by_age ON isolates (seen_at)',
    'CREATE TABLE gathered (hours INTEGER NOT NULL, days INTEGER NOT NULL)',
    'INSERT INTO gathered VALUES (0, 0)',
  ],
]

/** Brings the tables to the present version. Throws when they are of a later one: this code would misread them. */
export const migrate = (storage: DurableObjectStorage): void =>
  storage.transactionSync(() => {
    const { sql } = storage
    sql.exec('CREATE TABLE IF NOT EXISTS migrations (step INTEGER PRIMARY KEY)')
    const { done } = sql.exec<{ done: number }>('SELECT count(*) AS done FROM migrations').one()
    if (done > STEPS.length) throw new Error(`the tables are at step ${done}, this code knows ${STEPS.length}`)
    STEPS.slice(done).forEach((statements, index) => {
      for (const statement of statements) sql.exec(statement)
      sql.exec('INSERT INTO migrations VALUES (?)', done + index + 1)
    })
  })
