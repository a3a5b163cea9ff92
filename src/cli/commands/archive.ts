/** `nearcast archive`: brings archived events here, to train and to verify on. */
import { parseArgs } from 'node:util'
import { type ArchiveClient, archiveClient } from '../archive/archive-client.ts'
import { readSpan, type Span } from '../archive/days.ts'
import { type Brought, bringDay } from '../archive/download.ts'
import { type Command, UsageError } from '../command.ts'
import { unlessRefused } from '../release/admin-client.ts'
import { DEFAULT_URL, DEPLOYMENT_FLAGS, readDeployment } from '../release/deployment.ts'
import { type Progress, startProgress } from '../train/progress.ts'

const help = `Usage: nearcast archive --day DAY [--to DAY] --output DIR [options]
       nearcast archive --day DAY --hour HOUR --output DIR
       nearcast archive list --day DAY [--to DAY] [--hour HOUR]

Brings the archived events of these days (UTC, by receipt) to DIR/{day}/{hour}/*.ndjson.gz. What is here already is
not fetched again, so an interrupted run goes on, and a later one brings what has come since; files whose events
were joined to a larger object meanwhile are replaced by it. What the deployment keeps no longer stays here.

Options:
  --day DAY                 such as 2026-11-25
  --to DAY                  the last day (default: that one day)
  --hour HOUR               only this hour, 00 to 23
  --output DIR              where to
  --url URL                 the deployment (default: ${DEFAULT_URL})
  --token TOKEN             its ADMIN_TOKEN (default: the variable of that name; for a deployment on this
                            machine also what .dev.vars says)
  --json                    print the result as JSON; the list as a line for each object

Exit code 1 when an hour was just being joined and was left as it was, and when the deployment refuses or cannot be
reached; 2 for bad input.

Example:
  $ npx nearcast archive --day 2026-11-01 --to 2026-11-25 --output events
  $ npx nearcast featurize 'events/**/*.ndjson.gz' --output features.parquet
  $ npx nearcast verify 'events/**/*.ndjson.gz'
`

const PAUSE_MILLISECONDS = 1_000

const pause = (): Promise<void> => new Promise((wake) => setTimeout(wake, PAUSE_MILLISECONDS))

const printList = async (client: ArchiveClient, { days, hour }: Span, asJson: boolean): Promise<void> => {
  for (const day of days) {
    const { objects } = await client.list(day, hour)
    for (const { key, bytes, writtenAt } of objects) {
      const written_at = new Date(writtenAt).toISOString()
      const line = asJson
        ? JSON.stringify({ key, bytes, written_at })
        : `${written_at}  ${String(bytes).padStart(9)}  ${key}`
      process.stdout.write(`${line}\n`)
    }
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

const textOf = ({ fetched, bytes, kept, removed }: Brought): string =>
  `${fetched} objects fetched, ${megabytes(bytes)}; ${kept} were here already, ${removed} replaced by joined ones`

/** All days, one after the other. Resolves to the hours that did not stand still. */
const download = async (
  client: ArchiveClient,
  { days, hour }: Span,
  output: string,
  progress: Progress,
): Promise<{ sum: Brought; unsettled: string[] }> => {
  const sum: Brought = { fetched: 0, bytes: 0, kept: 0, removed: 0 }
  const unsettled: string[] = []
  for (const [index, day] of days.entries()) {
    let total = 0
    let done = 0
    const show = (): void =>
      progress.update(
        (index + (total === 0 ? 0 : Math.min(1, done / total))) / days.length,
        `${day}, ${megabytes(done)}`,
      )
    const onBytes = (bytes: number): void => {
      done += bytes
      show()
    }
    const onTotal = (bytes: number): void => {
      total = bytes
      show()
    }
    const one = await bringDay({ client, output, onBytes, pause }, { day, hour }, onTotal, (why) => unsettled.push(why))
    sum.fetched += one.fetched
    sum.bytes += one.bytes
    sum.kept += one.kept
    sum.removed += one.removed
  }
  return { sum, unsettled }
}

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      url: DEPLOYMENT_FLAGS.url,
      token: DEPLOYMENT_FLAGS.token,
      json: DEPLOYMENT_FLAGS.json,
      day: { type: 'string' },
      to: { type: 'string' },
      hour: { type: 'string' },
      output: { type: 'string' },
    },
  })
  const [word, ...more] = positionals
  if ((word !== undefined && word !== 'list') || more.length > 0) {
    throw new UsageError(`${[word, ...more].join(' ')}: expected list, or nothing; nearcast archive --help tells more`)
  }
  const span = readSpan(values)
  const { output } = values
  if (word === undefined && output === undefined) throw new UsageError('name where to: --output DIR')
  if (word !== undefined && output !== undefined) throw new UsageError('list writes nothing: leave out --output')
  const client = archiveClient(readDeployment(values, process.env))
  let isWhole = true
  const code = await unlessRefused('archive', async () => {
    if (output === undefined) return printList(client, span, values.json)
    const progress = startProgress(process.stderr, 'archive')
    const { sum, unsettled } = await download(client, span, output, progress)
    progress.done(textOf(sum))
    for (const why of unsettled) process.stderr.write(`nearcast archive: ${why}\n`)
    isWhole = unsettled.length === 0
    if (values.json) process.stdout.write(`${JSON.stringify({ ...sum, unsettled })}\n`)
  })
  return isWhole ? code : 1
}

export const command: Command = { summary: 'brings archived events here, to train and to verify on', help, run }
