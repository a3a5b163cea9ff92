/** `nearcast predict`: scores a table of features with a model version, offline. */
import { parseArgs } from 'node:util'
import { Failure } from '../../core/failure.ts'
import { openModel } from '../../serving/open-model.ts'
import { type Command, UsageError } from '../command.ts'
import { neededColumns } from '../offline/feature-rows.ts'
import { readFeatureTable, readKinds } from '../offline/feature-table.ts'
import { offlineRuntime } from '../offline/onnx-runtime.ts'
import { scoreTable } from '../offline/score-table.ts'
import { readVersion } from '../offline/version-files.ts'
import { identityColumns } from '../predict/prediction-rows.ts'
import { formOf, writePredictions } from '../predict/write-predictions.ts'
import { startProgress } from '../train/progress.ts'

const help = `Usage: nearcast predict ROWS.parquet --model DIR [options]

Scores a table of features, as nearcast featurize writes it, with the runtime that serves. The version's golden
rows are checked first. A row whose values do not fit gets an error; its neighbours do not.

Options:
  --model DIR      the version: a directory with manifest.json and model.onnx
  --output FILE    .ndjson, .csv or .parquet (default: NDJSON on standard output)

NDJSON has one {"event_id":…,"epoch_ms":…,"outputs":{…}} a row. In CSV and Parquet an output is a column, and a
distribution is one for each label, name_label, with name_p50 and name_p90 where labels are numbers.

Example:
  $ npx nearcast predict rows.parquet --model model/late-arrival/1.0.0 --output predictions.csv
`

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { model: { type: 'string' }, output: { type: 'string', default: '-' } },
  })
  const [rows, ...rest] = positionals
  if (rows === undefined || rest.length > 0) throw new UsageError('name one table of features, ROWS.parquet')
  if (values.model === undefined) throw new UsageError('--model DIR: name the version to score with')
  formOf(values.output)
  const files = await readVersion(values.model)
  const identity = identityColumns(await readKinds(rows))
  const table = await readFeatureTable(rows, identity, neededColumns(files.manifest), process.stderr)
  try {
    const model = await openModel(files, offlineRuntime())
    try {
      const progress = startProgress(process.stderr, 'scoring')
      const answers = await scoreTable(model, table, (share) => progress.update(share))
      const failed = answers.filter((answer) => answer instanceof Failure).length
      progress.done(`${answers.length} rows${failed === 0 ? '' : `, ${failed} of them without an answer`}`)
      await writePredictions(values.output, table, answers)
      return 0
    } finally {
      await model.release()
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    process.stderr.write(`nearcast predict: ${error.message}\n`)
    return 1
  }
}

export const command: Command = { summary: 'scores a table of features with a model version', help, run }
