/** `nearcast publish`: brings a version to a deployment, which then can release it. */
import { stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { publishedSchema } from '../../protocol/admin.ts'
import { type Command, UsageError } from '../command.ts'
import { offlineRuntime, runtimeName } from '../offline/onnx-runtime.ts'
import { readManifest } from '../offline/version-files.ts'
import { unlessRefused } from '../release/admin-client.ts'
import { DEPLOYMENT_FLAGS, DEPLOYMENT_HELP, loginName, readDeployment } from '../release/deployment.ts'
import { uploadVersion } from '../release/upload.ts'
import { startProgress } from '../train/progress.ts'
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_MILLISECONDS } from '../validate/budgets.ts'
import { isValid, reportText } from '../validate/report.ts'
import { validateVersion } from '../validate/validate-version.ts'

const help = `Usage: nearcast publish DIR [options]

Publishes the version in DIR: manifest.json, model.onnx, the reference profile that the manifest names, MODEL_CARD.md.
It is checked here as nearcast validate does, then by the deployment in the runtime that serves. A published
version answers nobody until nearcast release says so; only the first one of a model becomes stable at once.
It never changes: the same bytes again are taken for the same version, other bytes are refused.

Options:
${DEPLOYMENT_HELP}  --max-bytes NUMBER        (default: ${DEFAULT_MAX_BYTES})
  --max-milliseconds NUMBER (default: ${DEFAULT_MAX_MILLISECONDS})
  --zips DIR                the zip features (default: kv-seed)

Exit code 1 when a check fails, the deployment refuses or cannot be reached; 2 for bad input.

Example:
  $ npx nearcast publish model/late-arrival/1.1.0 --url https://nearcast.example.workers.dev
  $ npx nearcast release late-arrival canary 1.1.0 5% --url https://nearcast.example.workers.dev
`

const readNumber = (option: string, text: string): number => {
  const number = Number(text)
  if (!(number > 0)) throw new UsageError(`--${option} ${text}: expected a number above 0`)
  return number
}

/** Whether the version passed all checks; if not, the report has been printed. */
const isPublishable = async (
  path: string,
  flags: { readonly zips: string; readonly 'max-bytes': string; readonly 'max-milliseconds': string },
): Promise<boolean> => {
  const progress = startProgress(process.stderr, 'validating')
  const options = {
    zips: flags.zips,
    maximumBytes: readNumber('max-bytes', flags['max-bytes']),
    maximumMilliseconds: readNumber('max-milliseconds', flags['max-milliseconds']),
    rows: undefined,
    label: undefined,
    baseline: undefined,
    stable: 'none',
    maximumDifference: undefined,
  }
  const { model, checks } = await validateVersion(path, options, offlineRuntime(), process.stderr)
  const validation = { path, model, runtime: runtimeName(), checks }
  if (isValid(validation)) {
    progress.done(`${checks.filter(({ status }) => status === 'passed').length} checks passed`)
    return true
  }
  progress.done('failed')
  process.stderr.write(reportText(validation))
  return false
}

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...DEPLOYMENT_FLAGS,
      'max-bytes': { type: 'string', default: String(DEFAULT_MAX_BYTES) },
      'max-milliseconds': { type: 'string', default: String(DEFAULT_MAX_MILLISECONDS) },
      zips: { type: 'string', default: 'kv-seed' },
    },
  })
  const [path, ...rest] = positionals
  if (path === undefined || rest.length > 0) throw new UsageError('name one version directory')
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() !== true) throw new UsageError(`${path} is no directory`)
  const deployment = readDeployment(values, process.env)
  if (!(await isPublishable(path, values))) return 1
  const manifest = await readManifest(path)
  const progress = startProgress(process.stderr, `uploading to ${deployment.url.origin}`)
  return unlessRefused('publish', async () => {
    const answer = await uploadVersion(deployment, path, manifest, values.by ?? loginName(), progress)
    const { created, version } = publishedSchema.parse(answer)
    const what = `${version.name} ${version.version}, digest ${version.digest}`
    const text = created ? `published ${what}\n` : `${what} was published before, by ${version.published_by}\n`
    process.stdout.write(values.json ? `${JSON.stringify(answer)}\n` : text)
  })
}

export const command: Command = { summary: 'brings a version to a deployment', help, run }
