/** What the tests of `nearcast featurize --elasticsearch` share: servers to read and post to, runs, and what they leave behind. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type NodeOptions, type RecordedNode, startRecordedNode } from './recorded-node.ts'
import { type Sink, startSink } from './sink.ts'

/** Of the events that every fixture holds. */
export const IDS = Array.from({ length: 40 }, (_, index) => `e${String(index).padStart(6, '0')}`)

const open: { close(): Promise<void> }[] = []

/** Ends what `node` and `sinkThat` have started. */
export const closeServers = async (): Promise<void> => {
  await Promise.all(open.splice(0).map((server) => server.close()))
}

export const node = async (name: string, options?: NodeOptions): Promise<RecordedNode> => {
  const started = await startRecordedNode(name, options)
  open.push(started)
  return started
}

export const sinkThat = async (answer: Parameters<typeof startSink>[0]): Promise<Sink> => {
  const started = await startSink(answer)
  open.push(started)
  return started
}

export const argsFor = ({ url }: { url: string }, args: readonly string[]): string[] => [
  ...['--elasticsearch', url, '--index', 'recorded', '--attempts', '2'],
  ...args,
]

/** Paths of files, however deep. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort()

/** Content and time of writing of the parts in a folder. */
export const partsIn = (folder: string): Record<string, { readonly text: string; readonly written: bigint }> =>
  Object.fromEntries(
    filesIn(folder)
      .filter((name) => name.endsWith('.parquet') || name.endsWith('.csv'))
      .map((name) => [
        name,
        {
          text: readFileSync(join(folder, name), 'latin1'),
          written: statSync(join(folder, name), { bigint: true }).mtimeNs,
        },
      ]),
  )

export const textsOf = (parts: ReturnType<typeof partsIn>): Record<string, string> =>
  Object.fromEntries(Object.entries(parts).map(([name, { text }]) => [name, text]))

export const rowsOf = (csv: string): string[] => csv.trimEnd().split('\n').slice(1)
/** The first cell of each row, sorted. */
export const idsOf = (rows: readonly string[]): string[] => rows.map((row) => row.split(',', 1)[0] as string).sort()

/** What a run that is under way has said, and how it ends. */
export const watched = (child: ChildProcess) => {
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  const ended = once(child, 'close') as Promise<[number | null]>
  return { said: () => said.join(''), stop: async (signal: NodeJS.Signals) => child.kill(signal) && (await ended)[0] }
}
