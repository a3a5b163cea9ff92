/** `nearcast validate`: may this model be published? */
import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Command, UsageError } from '../command.ts'
import { offlineRuntime, runtimeName } from '../offline/onnx-runtime.ts'
import { readBaseline } from '../validate/baseline.ts'
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_MILLISECONDS } from '../validate/budgets.ts'
import { isValid, reportJson, reportText } from '../validate/report.ts'
import { validateGraph } from '../validate/validate-graph.ts'
import { validateVersion } from '../validate/validate-version.ts'

const help = `Usage: nearcast validate DIR [options]
       nearcast validate MODEL.onnx [options]

Checks a version before it is published, in the runtime that serves:
  manifest, sha256   the files are what the manifest says, and it agrees with itself
  fields, reference  the edge can fill every field; the reference profile belongs to the model
  graph, opset, operators, signature
                     it loads; its operators are known; it takes and puts out what the manifest says
  golden             the golden rows give their stored answers
  sweep              finite, proper answers over the feature space: edges, missing values, far outside (a warning)
  size, time         the file, and one row's prediction, stay within their budgets
  baseline           better than the stated baseline, where labels are given
  stable             the difference from the version that is stable now, on the same rows
Of a bare MODEL.onnx: graph, opset, operators, signature, size.

Options:
  --rows FILE               a table of features, as nearcast featurize writes it, for baseline and stable
  --label COLUMN            what happened: 0 or 1, a class, a number, as the first output predicts it
  --baseline METRIC=NUMBER  log_loss, auc or mean_absolute_error to be better than; may be repeated
                            (default: metrics.baseline of the manifest, else the best constant for the rows)
  --stable DIR              the version to compare with, or none (default: the newest other version beside DIR)
  --max-difference NUMBER   fail when the mean difference from it is over this
  --max-bytes NUMBER        (default: ${DEFAULT_MAX_BYTES})
  --max-milliseconds NUMBER (default: ${DEFAULT_MAX_MILLISECONDS})
  --zips DIR                the zip features (default: kv-seed)
  --json                    print the report as JSON

Exit code 1 if any check failed.

Example:
  $ npx nearcast validate model/late-arrival/1.0.0
`

const readNumber = (option: string, text: string): number => {
  const number = Number(text)
  if (!(number > 0)) throw new UsageError(`--${option} ${text}: expected a number above 0`)
  return number
}

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rows: { type: 'string' },
      label: { type: 'string' },
      baseline: { type: 'string', multiple: true, default: [] },
      stable: { type: 'string' },
      'max-difference': { type: 'string' },
      'max-bytes': { type: 'string', default: String(DEFAULT_MAX_BYTES) },
      'max-milliseconds': { type: 'string', default: String(DEFAULT_MAX_MILLISECONDS) },
      zips: { type: 'string', default: 'kv-seed' },
      json: { type: 'boolean', default: false },
    },
  })
  const [path, ...rest] = positionals
  if (path === undefined || rest.length > 0) throw new UsageError('name one version directory or .onnx file')
  if (values.label !== undefined && values.rows === undefined) throw new UsageError('--label goes with --rows')
  const found = await stat(path).catch(() => {
    throw new UsageError(`${path} does not exist`)
  })
  const maximumBytes = readNumber('max-bytes', values['max-bytes'])
  const maximumDifference = values['max-difference']
  const options = {
    ...values,
    rows: values.rows,
    label: values.label,
    stable: values.stable,
    baseline: readBaseline(values.baseline),
    maximumBytes,
    maximumMilliseconds: readNumber('max-milliseconds', values['max-milliseconds']),
    maximumDifference: maximumDifference === undefined ? undefined : readNumber('max-difference', maximumDifference),
  }
  const runtime = offlineRuntime()
  const { model, checks } = found.isDirectory()
    ? await validateVersion(path, options, runtime, process.stderr)
    : { model: undefined, checks: await validateGraph(path, runtime, maximumBytes) }
  const validation = { path, model, runtime: runtimeName(), checks }
  process.stdout.write(values.json ? `${JSON.stringify(reportJson(validation))}\n` : reportText(validation))
  return isValid(validation) ? 0 : 1
}

export const command: Command = { summary: 'checks a model before it is published', help, run }
