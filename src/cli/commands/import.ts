/** `nearcast import`: makes a version of a model that was trained elsewhere. */
import { parseArgs } from 'node:util'
import { Failure } from '../../core/failure.ts'
import { type Command, UsageError } from '../command.ts'
import { writeBundleIndex } from '../import/bundle-index.ts'
import { DisagreementError } from '../import/draft-version.ts'
import { importModel } from '../import/import-model.ts'
import { offlineRuntime } from '../offline/onnx-runtime.ts'

const help = `Usage: nearcast import MODEL.onnx --features ROWS.parquet [options]
       nearcast import MLFLOW_DIR --features ROWS.parquet [options]

Drafts a version of a model that was trained elsewhere: model.onnx, manifest.json, reference.json, MODEL_CARD.md.
ROWS.parquet holds rows it knows, as nearcast featurize writes them. An input of one column is filled by the
column of its name. Weights in files beside the graph are moved into it; a ZipMap is taken off.

What goes in
  --columns A,B,…       the columns of the one input that takes several, in the graph's order
                        (default: an MLflow signature, the graph's metadata, or all numeric columns if they fit)
  --view FILE           a feature view that says where the edge finds its fields; others are known by their names
  --zips DIR            the zip features whose columns are fields (default: kv-seed)
  --time COLUMN         when each row was (default: epoch_ms where there is one)
What comes out
  --answer NAME[=AS]    answer this output, under that name; may be repeated (default: all but class labels)
  --kind KIND           probability or value, of outputs of one column (default: judged by the rows)
  --labels A,B,…        what the columns of a distribution stand for (default: what the graph says, or 0, 1, …)
What must hold
  --predicted A,B,…     columns with the library's own predictions, in the order of the outputs: all rows are compared,
                        and the golden rows hold them
  --tolerance NUMBER    how far they may differ (default: 0.00001)
Where it goes
  --name NAME           (default: the file's or directory's)
  --version VERSION     (default: 1.0.0)
  --synthetic           the rows are made up; the manifest will say so
  --output DIR          where versions are kept (default: model); a version never changes
  --replace             …unless this is given
  --bundle              put every version under --output into the Worker's bundle (src/adapters/bundled-models.ts)

Example:
  $ npx nearcast import purchase.onnx --features rows.parquet --answer output_probability=bought --predicted predicted
  $ npx nearcast validate model/purchase/1.0.0
`

const list = (text: string | undefined): readonly string[] | undefined => text?.split(',').map((part) => part.trim())

const readKind = (text: string | undefined): 'probability' | 'value' | undefined => {
  if (text === undefined || text === 'probability' || text === 'value') return text
  throw new UsageError(`--kind ${text}: expected probability or value`)
}

const readTolerance = (text: string): number => {
  const tolerance = Number(text)
  if (!(tolerance > 0)) throw new UsageError(`--tolerance ${text}: expected a number above 0`)
  return tolerance
}

const say = (message: string): boolean => process.stderr.write(`nearcast import: ${message}\n`)

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      features: { type: 'string' },
      columns: { type: 'string' },
      view: { type: 'string' },
      zips: { type: 'string', default: 'kv-seed' },
      time: { type: 'string' },
      answer: { type: 'string', multiple: true, default: [] },
      kind: { type: 'string' },
      labels: { type: 'string' },
      predicted: { type: 'string' },
      tolerance: { type: 'string', default: '0.00001' },
      name: { type: 'string' },
      version: { type: 'string', default: '1.0.0' },
      synthetic: { type: 'boolean', default: false },
      output: { type: 'string', default: 'model' },
      replace: { type: 'boolean', default: false },
      bundle: { type: 'boolean', default: false },
    },
  })
  const [model, ...rest] = positionals
  if (model === undefined || rest.length > 0)
    throw new UsageError('name one model: an .onnx file or an MLflow directory')
  if (values.features === undefined) throw new UsageError('--features ROWS.parquet: rows that the model knows')
  const options = {
    ...values,
    model,
    features: values.features,
    name: values.name,
    view: values.view,
    time: values.time,
    columns: list(values.columns),
    answers: values.answer,
    kind: readKind(values.kind),
    labels: list(values.labels),
    predicted: list(values.predicted) ?? [],
    tolerance: readTolerance(values.tolerance),
  }
  try {
    const { directory, drafted } = await importModel(options, offlineRuntime(), process.stderr)
    for (const note of drafted.notes) say(note)
    const { agreement, manifest } = drafted
    say(
      agreement === undefined
        ? `${manifest.golden.length} golden rows, made by onnxruntime-web (--predicted takes the library's own)`
        : `differs from ${options.predicted.join(', ')} by at most ${agreement.greatest.toExponential(1)} in ${agreement.rows} rows; ${manifest.golden.length} of them are golden`,
    )
    if (values.bundle) say(`wrote ${await writeBundleIndex(values.output)}`)
    process.stdout.write(`${directory}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof DisagreementError || error instanceof Failure)) throw error
    say(error.message)
    return 1
  }
}

export const command: Command = { summary: 'makes a version of a model that was trained elsewhere', help, run }
