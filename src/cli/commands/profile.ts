/** `nearcast profile`: makes a reference profile from a table of features. */
import { writeFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { parseArgs } from 'node:util'
import { Failure } from '../../core/failure.ts'
import type { ReferenceProfile } from '../../core/profile/reference-profile.ts'
import { stringFields } from '../../serving/input-tensors.ts'
import { openModel } from '../../serving/open-model.ts'
import { fieldOf, reasonToLeaveOut } from '../../training/table/fields.ts'
import { type Command, UsageError } from '../command.ts'
import { neededColumns } from '../offline/feature-rows.ts'
import { readFeatureTable, readKinds } from '../offline/feature-table.ts'
import { timeColumn } from '../offline/instants.ts'
import { offlineRuntime } from '../offline/onnx-runtime.ts'
import { profileFields, profileVersion } from '../offline/profile-table.ts'
import { scoreTable } from '../offline/score-table.ts'
import { readVersion } from '../offline/version-files.ts'
import { printJson } from '../train/print-json.ts'

const help = `Usage: nearcast profile ROWS.parquet [options]

Counts a table of features, as nearcast featurize writes it, into a reference profile: what drift is measured
against. Every field is counted by hour of the week; 100 rows are kept to explain predictions against.

Options:
  --model DIR      count the fields of this version, and what it answers for the rows
                   (without: every numeric column, and no outputs)
  --label COLUMN   not a feature; only without --model
  --name NAME, --version VERSION
                   what the profile belongs to; only without --model (default: the file's name, 1.0.0)
  --time COLUMN    when each row was, a timestamp or epoch milliseconds
                   (default: epoch_ms where there is one, else rows have no time and one slice holds them all)
  --output FILE    (default: standard output)

Columns that hold text are left out: the profile counts numbers.

Example:
  $ npx nearcast profile rows.parquet --model model/purchase/1.0.0 --output model/purchase/1.0.0/reference.json
`

const say = (message: string): boolean => process.stderr.write(`nearcast profile: ${message}\n`)

const ofVersion = async (rows: string, directory: string, time: string | undefined): Promise<ReferenceProfile> => {
  const files = await readVersion(directory)
  const needed = neededColumns(files.manifest)
  const table = await readFeatureTable(rows, time === undefined ? [] : [time], needed, process.stderr)
  const texts = [...stringFields(files.manifest)]
  if (texts.length > 0) say(`left out, being text: ${texts.join(', ')}`)
  const model = await openModel(files, offlineRuntime())
  try {
    return profileVersion(files.manifest, table, await scoreTable(model, table), time)
  } finally {
    await model.release()
  }
}

const ofColumns = async (
  rows: string,
  kinds: Awaited<ReturnType<typeof readKinds>>,
  { label, name, version }: { readonly label: string; readonly name: string; readonly version: string },
  time: string | undefined,
): Promise<ReferenceProfile> => {
  // An endless span: whether day_of_year is a season or a trend matters to who learns from it, not to who counts it.
  const reasons = [...kinds].map(([column, kind]) => ({
    column,
    reason:
      reasonToLeaveOut(column, label, time, Number.POSITIVE_INFINITY) ??
      (kind === 'number' ? undefined : 'not a number'),
  }))
  const names = reasons.flatMap(({ column, reason }) => (reason === undefined ? [column] : []))
  if (names.length === 0) throw new UsageError(`${rows} has no numeric column to count`)
  say(
    `left out: ${reasons.flatMap(({ column, reason }) => (reason === undefined ? [] : `${column} (${reason})`)).join(', ')}`,
  )
  const table = await readFeatureTable(rows, time === undefined ? [] : [time], names, process.stderr)
  return profileFields(
    name,
    version,
    names.map((name) => fieldOf(name)),
    table,
    time,
  )
}

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      label: { type: 'string', default: '' },
      name: { type: 'string' },
      version: { type: 'string', default: '1.0.0' },
      time: { type: 'string' },
      output: { type: 'string', default: '-' },
    },
  })
  const [rows, ...rest] = positionals
  if (rows === undefined || rest.length > 0) throw new UsageError('name one table of features, ROWS.parquet')
  const kinds = await readKinds(rows)
  const time = timeColumn(kinds, values.time)
  const name = values.name ?? basename(rows, extname(rows))
  let profile: ReferenceProfile
  try {
    profile =
      values.model === undefined
        ? await ofColumns(rows, kinds, { ...values, name }, time)
        : await ofVersion(rows, values.model, time)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    say(error.message)
    return 1
  }
  const text = `${printJson(profile)}\n`
  if (values.output === '-') process.stdout.write(text)
  else await writeFile(values.output, text)
  return 0
}

export const command: Command = { summary: 'makes a reference profile from a table of features', help, run }
