/** `nearcast verify`: were the features that the worker served the ones that are computed here? */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Manifest, manifestSchema } from '../../protocol/manifest.ts'
import { type Command, UsageError } from '../command.ts'
import { inputPaths } from '../featurize/input/file-sources.ts'
import { readOfflineZips } from '../verify/offline-zips.ts'
import { readLog } from '../verify/read-log.ts'
import { Verifier } from '../verify/recompute.ts'
import { Tally } from '../verify/tally.ts'

const help = `Usage: nearcast verify LOG… [options]

Computes the features of logged predictions again, offline, and compares them with what was served: as
float32, bit for bit. A prediction that was served under a fallback is recomputed under the flag it carries.

LOG is a file, a quoted pattern such as 'events/**/*.ndjson.gz', or - for standard input; gzip and zstd are recognised.
A line is an answer, a prediction or a batch; or {"event":{…},"prediction":{…}}; or an archived event as nearcast archive
brings it. Fields of the event cannot be recomputed without the event.

Options:
  --models DIR   the model repository (default: model)
  --zips DIR     the zip features (default: kv-seed); predictions served with another release are counted
                 apart, not as mismatches
  --json         print the result as JSON

Exit code 1 if any prediction differs, or if none could be compared.

Example:
  $ curl -s http://127.0.0.1:8787/v1/predict?zip=94107 > answers.ndjson
  $ npx nearcast verify answers.ndjson
`

const readManifest = (models: string, name: string, version: string): Manifest => {
  const file = join(models, name, version, 'manifest.json')
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new UsageError(`cannot read the manifest of ${name} ${version} at ${file}: ${String(cause)}`)
  }
}

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      models: { type: 'string', default: 'model' },
      zips: { type: 'string', default: 'kv-seed' },
      json: { type: 'boolean', default: false },
    },
  })
  if (positionals.length === 0) throw new UsageError('name a file of logged predictions, or - for standard input')
  const zips = readOfflineZips(values.zips)
  const verifiers = new Map<string, Verifier>()
  const verifierOf = (name: string, version: string): Verifier => {
    const key = `${name}@${version}`
    const verifier = verifiers.get(key) ?? new Verifier(readManifest(values.models, name, version), zips)
    verifiers.set(key, verifier)
    return verifier
  }
  const tally = new Tally()
  for (const file of await inputPaths(positionals)) {
    for await (const entry of readLog(file)) {
      if (entry === 'item error') {
        tally.errors++
        continue
      }
      const { id, model_name, model_version } = entry.prediction
      tally.add(id, verifierOf(model_name, model_version).verify(entry))
    }
  }
  process.stdout.write(values.json ? `${JSON.stringify(tally.toJson())}\n` : tally.toText())
  return tally.mismatched > 0 || tally.compared === 0 ? 1 : 0
}

export const command: Command = {
  summary: 'recomputes the features of served predictions and compares them, bit for bit',
  help,
  run,
}
