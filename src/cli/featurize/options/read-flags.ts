/** What the flags of `nearcast featurize` mean. */
import { availableParallelism } from 'node:os'
import type { TimeUnit } from '../../../core/event/epoch-number.ts'
import { RECORD_FORMATS, type RecordFormat } from '../../../core/scan/detect-format.ts'
import { offsetSeconds } from '../../../core/time/zones.ts'
import { UsageError } from '../../command.ts'
import type { Label } from '../columns.ts'
import { CODECS, type Codec, OUTPUT_FORMS, type OutputForm, type RecordRules } from '../plan.ts'
import type { FlagValues } from './flags.ts'

const TIME_UNITS: readonly TimeUnit[] = ['ms', 's', 'us', 'ns']
/** So many keep a run under 512 MB whatever its columns are; each further one may take 150 MB more. */
const USUAL_THREADS = 2
const THREADS_LIMIT = 64

/** One of `choices`, or `undefined` where the flag was not given. Throws a UsageError that names them. */
const choice = <T extends string>(text: string | undefined, flag: string, choices: readonly T[]): T | undefined => {
  if (text === undefined) return undefined
  const found = choices.find((name) => name === text)
  if (found === undefined) throw new UsageError(`${flag} ${text}: expected ${choices.join(', ')}`)
  return found
}

const NAMED_TYPES = { number: 'double', boolean: 'boolean', text: 'text' } as const

/** `[NAME=]PATH[:number|:boolean|:text]`. */
export const parseLabel = (text: string): Label => {
  const [, name, path, type] = /^(?:([^=]+)=)?(.+?)(?::(number|boolean|text))?$/s.exec(text) ?? []
  if (path === undefined) throw new UsageError(`--label ${text}: expected [NAME=]PATH`)
  return {
    name: name ?? path,
    path,
    type: type === undefined ? 'choose' : NAMED_TYPES[type as keyof typeof NAMED_TYPES],
  }
}

export const parseShare = (text: string): number => {
  const share = Number(text)
  if (text.trim() !== '' && share >= 0 && share <= 1) return share
  throw new UsageError(`--max-reject-share ${text}: expected a share from 0 to 1`)
}

export const parseThreads = (text: string | undefined): number => {
  if (text === undefined) return Math.min(USUAL_THREADS, availableParallelism())
  const threads = Number(text)
  if (/^\d+$/.test(text) && threads >= 1 && threads <= THREADS_LIMIT) return threads
  throw new UsageError(`--threads ${text}: expected a whole number from 1 to ${THREADS_LIMIT}`)
}

export const parseCodec = (text: string | undefined): Codec => choice(text, '--compression', CODECS) ?? 'snappy'

export const parseFormat = (text: string | undefined): RecordFormat | undefined =>
  choice(text, '--format', RECORD_FORMATS)

export const parseRules = (flags: FlagValues): RecordRules => {
  const timeZone = flags['time-zone']
  if (timeZone !== undefined && offsetSeconds(timeZone, 0) === undefined) {
    throw new UsageError(
      `--time-zone ${timeZone}: not a time zone known here; expected a name such as America/New_York`,
    )
  }
  return {
    timePath: flags['time-path'],
    timeUnit: choice(flags['time-unit'], '--time-unit', TIME_UNITS),
    timeZone,
    zipPath: flags['zip-path'],
  }
}

/** Where the table goes. */
export interface OutputTarget {
  readonly kind: 'file' | 'folder' | 'stream'
  readonly path: string
  readonly form: OutputForm
}

const formOf = (path: string): OutputForm | undefined => OUTPUT_FORMS.find((form) => path.endsWith(`.${form}`))

/** `isFolder` tells whether a path is a folder that exists. Throws a UsageError where the form is not told. */
export const parseTarget = (
  flags: FlagValues,
  inputs: readonly string[],
  isFolder: (path: string) => boolean,
): OutputTarget => {
  const path = flags.output ?? (inputs.length === 1 && inputs[0] === '-' ? '-' : undefined)
  if (path === undefined)
    throw new UsageError('--output: name the file to write, FILE.parquet, FILE.csv or FILE.ndjson')
  const form = choice(flags['output-format'], '--output-format', OUTPUT_FORMS)
  if (path === '-') return { kind: 'stream', path, form: form ?? 'ndjson' }
  if (path.endsWith('/') || isFolder(path)) return { kind: 'folder', path, form: form ?? 'parquet' }
  const named = form ?? formOf(path)
  if (named === undefined) {
    throw new UsageError(
      `--output ${path}: expected a name that ends in .parquet, .csv or .ndjson, DIR/, or --output-format`,
    )
  }
  return { kind: 'file', path, form: named }
}
