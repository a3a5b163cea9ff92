/** `nearcast featurize`: writes a table of the features that the worker would have computed for logged events. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { TZDATA_VERSION } from '../../core/time/zones.ts'
import { type Command, UsageError } from '../command.ts'
import {
  namesServer,
  type OpenSources,
  openSources,
  postEvents,
  SERVER_FLAGS,
  SERVER_HELP,
  type ServerFlagValues,
} from '../elasticsearch/from-server.ts'
import { outputColumns } from '../featurize/columns.ts'
import { fileSources } from '../featurize/input/file-sources.ts'
import { Interrupted, interruptible } from '../featurize/interrupt.ts'
import { openDestination } from '../featurize/open-destination.ts'
import { FEATURIZE_FLAGS, FEATURIZE_HELP, type FlagValues } from '../featurize/options/flags.ts'
import {
  type OutputTarget,
  parseCodec,
  parseFormat,
  parseLabel,
  parseRules,
  parseShare,
  parseTarget,
  parseThreads,
} from '../featurize/options/read-flags.ts'
import { readView } from '../featurize/options/read-view.ts'
import { zipPaths } from '../featurize/options/zip-paths.ts'
import { OutputFailure, openOutputFile } from '../featurize/output/output-file.ts'
import type { FeaturizePlan } from '../featurize/plan.ts'
import { RunProgress } from '../featurize/progress.ts'
import { runFeaturize, TooManyRejects } from '../featurize/run.ts'
import { type RecordSource, SourceFailure } from '../featurize/source.ts'
import { summaryLines } from '../featurize/summary.ts'
import type { Tally } from '../featurize/tally.ts'
import { Lanes } from '../featurize/threads/lanes.ts'
import { startThread, type Thread } from '../featurize/threads/thread.ts'
import { readZipData, type ZipData } from '../featurize/zip-data.ts'

/** Below so many bytes of input no threads are started: they would take longer than the work. */
const INLINE_BYTES = 2 ** 21

const say = (message: string): boolean => process.stderr.write(`nearcast featurize: ${message}\n`)

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const sumOfSizes = (sources: readonly RecordSource[]): number | undefined =>
  sources.every(({ size }) => size !== undefined) ? sources.reduce((sum, { size }) => sum + (size ?? 0), 0) : undefined

const readPlan = async (flags: FlagValues, zips: ZipData, form: FeaturizePlan['form']): Promise<FeaturizePlan> => {
  const keepOrder = flags['keep-order'] === true
  if (keepOrder && form !== 'ndjson') throw new UsageError('--keep-order wants NDJSON: --output-format ndjson')
  return {
    rules: parseRules(flags),
    columns: outputColumns({
      zipColumns: zips.zips.columns,
      zipTextColumns: new Set(zips.textColumns),
      ...(await readView(flags)),
      labels: (flags.label ?? []).map(parseLabel),
      only: flags.columns?.split(','),
    }),
    strict: flags.strict === true,
    form,
    codec: parseCodec(flags.compression),
    keepOrder,
  }
}

const isList = (sources: OpenSources['sources']): sources is readonly RecordSource[] => Array.isArray(sources)

/** Sizes of other sources are not the bytes that come of them. */
const isSmall = (sources: readonly RecordSource[]): boolean =>
  sources.every(({ file }) => file !== undefined) && (sumOfSizes(sources) ?? 0) < INLINE_BYTES

/** Both kinds of flags: what is read from files and what from a server. */
type AllFlags = FlagValues & ServerFlagValues

const ALL_FLAGS = { ...FEATURIZE_FLAGS, ...SERVER_FLAGS } as const

/** Flags that say what a table holds and where it goes. */
const TABLE_FLAGS = ['output', 'output-format', 'columns', 'model', 'view', 'label', 'text', 'keep-order'] as const

/** `--to URL`: nothing is featurized here, the worker does it. */
const post = async (flags: AllFlags, signal: AbortSignal): Promise<number> => {
  const isGiven = (value: string | boolean | readonly string[] | undefined): boolean =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false
  const idle = TABLE_FLAGS.find((name) => isGiven(flags[name]))
  if (idle !== undefined)
    throw new UsageError(`--to and --${idle}: the worker answers with predictions; no table is written`)
  const { timeUnit } = parseRules(flags)
  const { rejects } = flags
  const request = { flags, timeUnit, rejects, predictions: process.stdout, notice: (message: string) => say(message) }
  const totals = await postEvents(request, signal)
  say(
    Object.entries(totals)
      .map(([what, count]) => `${count} ${what}`)
      .join(', '),
  )
  return 0
}

const openServer = (flags: AllFlags, target: OutputTarget, signal: AbortSignal): Promise<OpenSources> => {
  const isFinished = (part: string): boolean => existsSync(join(target.path, `${part}.${target.form}`))
  const { timeUnit } = parseRules(flags)
  return openSources({ flags, timeUnit, output: target, isFinished, notice: (message: string) => say(message) }, signal)
}

/** What a run needs that no flag changes any more. */
interface Prepared {
  readonly flags: AllFlags
  readonly plan: FeaturizePlan
  readonly zips: ZipData
  readonly target: OutputTarget
  readonly maxRejectShare: number
}

const prepare = async (flags: AllFlags, target: OutputTarget): Promise<Prepared> => {
  const zips = readZipData(zipPaths(flags.zips ?? 'kv-seed', flags['zip-means']))
  return {
    flags,
    plan: await readPlan(flags, zips, target.form),
    zips,
    target,
    maxRejectShare: parseShare(flags['max-reject-share'] ?? '1'),
  }
}

/** Everything that can be wrong with the flags is found before a server is asked or a file is written. */
const featurize = async (flags: AllFlags, inputs: readonly string[], signal: AbortSignal): Promise<number> => {
  const target = parseTarget(flags, inputs, isFolder)
  const count = parseThreads(flags.threads)
  const format = parseFormat(flags.format)
  const files = flags.elasticsearch === undefined ? await fileSources(inputs, format, process.stdin) : undefined
  const threads = files !== undefined && isSmall(files) ? [] : Array.from({ length: count }, startThread)
  try {
    // The threads load their code meanwhile.
    const prepared = await prepare(flags, target)
    if (files !== undefined) return await runSources(prepared, files, threads, inputs, signal)
    const { sources, close } = await openServer(flags, target, signal)
    try {
      return await runSources(prepared, sources, threads, inputs, signal)
    } finally {
      await close()
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.close()))
  }
}

const runSources = async (
  { flags, plan, zips, target, maxRejectShare }: Prepared,
  sources: OpenSources['sources'],
  threads: readonly Thread[],
  inputs: readonly string[],
  signal: AbortSignal,
): Promise<number> => {
  const destination = await openDestination({
    target,
    plan,
    notes: { zip_data: zips.release, tzdata: TZDATA_VERSION },
    rejects: flags.rejects,
    inputs,
    open: openOutputFile,
    standardOutput: process.stdout,
    warn: (message) => say(`warning: ${message}`),
  })
  const keepRejects = flags.rejects !== undefined || destination.isByPart
  const lanes = Lanes.begin({ plan, zips, keepRejects }, threads)
  const total = isList(sources) ? sumOfSizes(sources) : undefined
  const progress = new RunProgress(process.stderr, total, () => performance.now())
  try {
    const tally = await runFeaturize({
      sources,
      destination,
      lanes,
      maxRejectShare,
      mayGiveNoRows: plan.keepOrder,
      signal,
      onProgress: (soFar, position) => progress.update(soFar, position),
      onSkipped: ({ name }) => say(`${name}: its part is there already`),
    })
    progress.clear()
    const labels = plan.columns.flatMap((column) => (column.source === 'label' ? [column.path] : []))
    report(tally, progress, labels, flags.rejects !== undefined)
    return 0
  } catch (error) {
    progress.clear()
    throw error
  }
}

const report = (tally: Tally, progress: RunProgress, labels: readonly string[], isLogged: boolean): void => {
  say(`${tally.rows} rows in ${progress.seconds.toFixed(1)} s, ${progress.rate(tally)}`)
  for (const line of summaryLines(tally, labels, isLogged)) say(line)
}

/** What a failure says by itself, without a stack; the others are faults of this program. */
const isPlain = (error: unknown): error is Error =>
  error instanceof SourceFailure ||
  error instanceof OutputFailure ||
  error instanceof TooManyRejects ||
  (error instanceof Error && 'syscall' in error)

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: ALL_FLAGS })
  const isServer = namesServer(values)
  if (isServer && positionals.length > 0) throw new UsageError('name files or --elasticsearch, not both')
  if (!isServer && positionals.length === 0) {
    throw new UsageError('name what to read: files, patterns, - for standard input, or --elasticsearch URL')
  }
  try {
    return await interruptible((signal) =>
      values.to === undefined ? featurize(values, positionals, signal) : post(values, signal),
    )
  } catch (error) {
    if (error instanceof Interrupted) {
      say(`${error.message}; nothing unfinished was left`)
      return error.exitCode
    }
    if (!isPlain(error)) throw error
    say(error.message)
    return 1
  }
}

export const command: Command = {
  summary: 'writes a table of model-ready features from logged events',
  help: `${FEATURIZE_HELP}\n${SERVER_HELP}`,
  run,
}
