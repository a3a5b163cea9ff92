/** Brings the tables of an object from the version they are of to the present one. */

/** Statements by step, applied in order, each step once; one that has been deployed is never changed. */
export type Steps = readonly (readonly string[])[]

/** Throws when the tables are of a later version: this code would misread them. */
export const migrate = (storage: DurableObjectStorage, steps: Steps): void =>
  storage.transactionSync(() => {
    const { sql } = storage
    sql.exec('CREATE TABLE IF NOT EXISTS migrations (step INTEGER PRIMARY KEY)')
    const { done } = sql.exec<{ done: number }>('SELECT count(*) AS done FROM migrations').one()
    if (done > steps.length) throw new Error(`the tables are at step ${done}, this code knows ${steps.length}`)
    steps.slice(done).forEach((statements, index) => {
      for (const statement of statements) sql.exec(statement)
      sql.exec('INSERT INTO migrations VALUES (?)', done + index + 1)
    })
  })
