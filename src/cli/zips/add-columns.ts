/** Joins a user's columns to the zip table. */
import type { ZipTable } from './merge-zips.ts'
import type { UserColumns, UserRow } from './user-columns.ts'

/**
 * `table` with the columns of `user` behind its own: null for a zip that the user does not name. A zip that the table does not have is left
 * out, since nothing is known of where it lies, and is returned in `unknown`.
 */
export const addColumns = (table: ZipTable, user: UserColumns): { table: ZipTable; unknown: readonly UserRow[] } => {
  const byZip = new Map(user.rows.map((row) => [row.zip, row.values]))
  const nothing = user.names.map(() => null)
  const rows = [...table.rows].map(([zip, values]) => [zip, [...values, ...(byZip.get(zip) ?? nothing)]] as const)
  return {
    table: { columns: [...table.columns, ...user.names], rows: new Map(rows) },
    unknown: user.rows.filter(({ zip }) => !table.rows.has(zip)),
  }
}
