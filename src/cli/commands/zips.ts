/** `nearcast zips`: builds the zip features that the worker reads from KV. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, UsageError } from '../command.ts'
import { addColumns } from '../zips/add-columns.ts'
import { mergeZips } from '../zips/merge-zips.ts'
import { parseCsv, readTextFile } from '../zips/read-csv.ts'
import { type UserRow, userColumns } from '../zips/user-columns.ts'
import { type Seed, writeSeed } from '../zips/write-seed.ts'
import { readZipSources } from '../zips/zip-sources.ts'

/** The release of the merged zip data. Raised whenever other sources or other rules change a value. */
const DATA_RELEASE = '2026-11'

const help = `Usage: nearcast zips [--csv FILE] [options]

Builds kv-seed/: what is known of each US zip (latitude, longitude, state, time_zone), from GeoNames, the
Census and time zone tables, all installed from npm. The same command writes the same bytes.

Options:
  --csv FILE       add columns of your own: a CSV file (UTF-8) whose header is zip,<column>,…
  --text COLUMN    take this column as text although it looks like numbers; may be repeated
  --output DIR     where to write (default: kv-seed)
  --data RELEASE   name of this data release, answered as zip_data
                   (default: ${DATA_RELEASE}; with --csv, ${DATA_RELEASE}+<digits of your file's hash>)

A column is numeric if every cell that is not empty is a number, else text; an empty cell is null. Zips are
repaired (501 is 00501, 94107-1234 is 94107). A zip the data do not hold is left out with a warning.
A column then serves as a feature: {"name":"plan_price","source":"zip"} in a model's feature view.

Example:
  $ cat prices.csv
  zip,plan_price,region
  94107,12.5,west
  501,9,east
  $ npx nearcast zips --csv prices.csv
  $ npm start
seeds the local KV anew; the deployed one is seeded by
  $ npx wrangler kv bulk put kv-seed/zips.json --binding ZIP_FEATURES --remote

Writes zips.json (for KV), zip3-means.json (bundled in the worker), sources.json, SOURCES.md.
`

const say = (message: string): boolean => process.stderr.write(`nearcast zips: ${message}\n`)

/** How many left-out zips a warning names. */
const NAMED_ZIPS = 10

const warnOfUnknown = (file: string, unknown: readonly UserRow[], total: number): void => {
  if (unknown.length === 0) return
  const named = unknown.slice(0, NAMED_ZIPS).map(({ zip, line }) => `${zip} (line ${line})`)
  const rest = unknown.length > named.length ? `, and ${unknown.length - named.length} more` : ''
  say(
    `warning: ${file}: ${unknown.length} of ${total} zips are not in the zip data and were left out: ${named.join(', ')}${rest}`,
  )
}

const withUserColumns = (base: Seed, file: string, textColumns: readonly string[], data: string | undefined): Seed => {
  const text = readTextFile(file)
  const user = userColumns(parseCsv(text, file), textColumns)
  const { table, unknown } = addColumns(base.table, user)
  warnOfUnknown(file, unknown, user.rows.length)
  if (unknown.length === user.rows.length) throw new UsageError(`${file}: none of its zips is in the zip data`)
  return {
    ...base,
    data: data ?? `${DATA_RELEASE}+${createHash('sha256').update(text).digest('hex').slice(0, 8)}`,
    table,
    user: { file: basename(file), columns: user.names, zips: user.rows.length - unknown.length },
  }
}

const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      csv: { type: 'string' },
      text: { type: 'string', multiple: true, default: [] },
      output: { type: 'string', default: 'kv-seed' },
      data: { type: 'string' },
    },
  })
  if (values.data === '') throw new UsageError('--data: expected a name such as 2026-11')
  if (values.csv === undefined && values.text.length > 0) throw new UsageError('--text goes with --csv')
  const sources = readZipSources()
  const { table, report } = mergeZips(sources)
  const base: Seed = { data: values.data ?? DATA_RELEASE, table, versions: sources.versions, report, user: null }
  const seed = values.csv === undefined ? base : withUserColumns(base, values.csv, values.text, values.data)
  const sizes = writeSeed(values.output, seed)
  say(`release ${seed.data}: ${report.zips} zips, columns ${seed.table.columns.join(', ')}`)
  say(
    `corrected ${report.correctedPoints.length} coordinates and ${report.correctedZones.length} zones; the sources disagree on ${report.suspicious.length} more (SOURCES.md)`,
  )
  for (const [name, bytes] of Object.entries(sizes)) say(`wrote ${values.output}/${name}, ${bytes} bytes`)
  return 0
}

export const command: Command = { summary: 'builds the zip features for KV, with columns of your own', help, run }
