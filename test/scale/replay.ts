/**
 * Sends events with three kinds of damage, replays their dead letters by rules, interrupted once and twice over, and fails unless the archive
 * holds each event exactly once: `npm run replay [-- --letters 10000]`. On the real local bindings, through HTTP and the command line.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { deployedBundle } from '../../bench/bundle.ts'
import { createWorkerHost, SECRETS } from '../../bench/worker.ts'
import type { ArchivePage } from '../../src/protocol/archive-routes.ts'
import type { LetterPageAnswer, ReplayAnswer } from '../../src/protocol/dead-letters.ts'
import type { EventsAnswer } from '../../src/protocol/events.ts'
import { buildCli } from '../support/featurize-cli.ts'
import { startRecordingProxy } from '../support/recording-proxy.ts'

const { values } = parseArgs({ options: { letters: { type: 'string', default: '10000' } } })
const LETTERS = Number(values.letters)
if (!(Number.isInteger(LETTERS) && LETTERS >= 300)) throw new Error(`--letters ${values.letters}: expected 300 or more`)

const SENT_AT_ONCE = 1_000
const REPLAYED_AT_ONCE = 500
const QUIET_MILLISECONDS = 5_000
const GIVE_UP_MILLISECONDS = 10 * 60_000
/** 2024-11-17T21:53:01Z, and 5 hours less on the clocks of New York. */
const START_SECONDS = 1_731_880_381

const FIXES = [
  { op: 'rename', from: 'ts', to: 'createdDateTime' },
  { op: 'cast', path: 'createdDateTime', to: 'epoch_milliseconds', unit: 's', zone: 'America/New_York' },
]

const secondsOf = (number: number): number => START_SECONDS + (number % 3_600)

/** Its time under another name, in seconds, or without a zone; every other event has an id of its own. */
const damaged = (number: number): object => {
  const seconds = secondsOf(number)
  const local = new Date((seconds - 5 * 3_600) * 1_000).toISOString().slice(0, 19).replace('T', ' ')
  const time = [{ ts: seconds }, { createdDateTime: seconds }, { createdDateTime: local }][number % 3]
  return { ...time, zipCode: '94107', number, ...(Math.floor(number / 3) % 2 === 0 && { event_id: `event-${number}` }) }
}

const pause = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds))

const rows: [string, string | number][] = []
const tell = (what: string, figure: string | number): void => {
  rows.push([what, figure])
  process.stderr.write(`${what}: ${figure}\n`)
}

const folder = mkdtempSync(join(tmpdir(), 'nearcast-replay-'))
const rulesFile = join(folder, 'rules.json')
writeFileSync(rulesFile, JSON.stringify(FIXES))
const cli = await buildCli()
const host = createWorkerHost()
const worker = await host.start(deployedBundle(), 'product', {
  variables: { DEAD_LETTER_HOURLY: '1000000' },
  takeLog: ({ level, message }) => {
    if (level === 'error' && !message.includes('zip store is empty')) process.stderr.write(`worker: ${message}\n`)
  },
})
const url = `http://127.0.0.1:${worker.port}`
const authorization = `Bearer ${SECRETS.ADMIN_TOKEN}`

/** An answer of /admin; too many requests wait. */
const admin = async (path: string): Promise<Response> => {
  const response = await fetch(`${url}/admin/${path}`, { headers: { authorization } })
  if (response.ok) return response
  if (response.status !== 429) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  await pause(2_000)
  return admin(path)
}

const statesNow = async (): Promise<Readonly<Record<string, number>>> =>
  ((await (await admin('dead-letters?limit=1')).json()) as LetterPageAnswer).totals.by_state

interface Ended {
  readonly answer: ReplayAnswer | null
  readonly isKilled: boolean
}

/** `nearcast dead-letters replay` as a process; `killed` ends it when it says so. */
const replay = (args: readonly string[], killed?: () => Promise<boolean>, at = url): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const own = ['dead-letters', 'replay', ...args, '--fixes', rulesFile, '--json', '--url', at]
    const child = spawn(process.execPath, [join(cli.folder, 'dist', 'nearcast.js'), ...own], {
      env: { ...process.env, ADMIN_TOKEN: SECRETS.ADMIN_TOKEN },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    let isKilled = false
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part
    })
    child.on('error', reject)
    child.on('close', () => {
      resolve({ isKilled, answer: output === '' ? null : (JSON.parse(output) as ReplayAnswer) })
    })
    const watch = async (): Promise<void> => {
      while (child.exitCode === null && killed !== undefined) {
        if (await killed()) {
          isKilled = child.kill('SIGKILL')
          return
        }
        await pause(50)
      }
    }
    watch().catch(reject)
  })

const sendDamaged = async (): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>()
  for (let start = 0; start < LETTERS; start += SENT_AT_ONCE) {
    const length = Math.min(SENT_AT_ONCE, LETTERS - start)
    const events = Array.from({ length }, (_, index) => damaged(start + index))
    const response = await fetch(`${url}/v1/events`, { method: 'POST', body: JSON.stringify(events) })
    const { rejected } = (await response.json()) as EventsAnswer
    for (const { dead_letter: id } of rejected) if (id !== null) ids.add(id)
  }
  return ids
}

const replayIds = async (ids: readonly string[]): Promise<number> => {
  const body = JSON.stringify({ ids, fixes: FIXES, again: true })
  const response = await fetch(`${url}/admin/dead-letters/replay`, { method: 'POST', headers: { authorization }, body })
  if (!response.ok) throw new Error(`the replay by ids answered ${response.status}: ${await response.text()}`)
  return ((await response.json()) as ReplayAnswer).counts.replaying
}

/** Two replay the same letters at the same time; how many each of them sent. */
const replayTwice = async (ids: readonly string[]): Promise<readonly [number, number]> => {
  const sums: [number, number] = [0, 0]
  for (let start = 0; start < ids.length; start += REPLAYED_AT_ONCE) {
    const page = ids.slice(start, start + REPLAYED_AT_ONCE)
    const [one, other] = await Promise.all([replayIds(page), replayIds(page)])
    sums[0] += one
    sums[1] += other
  }
  return sums
}

const listArchive = async (): Promise<readonly string[]> => {
  const keys: string[] = []
  for (const day of new Set(
    [0, 1].map((hours) => new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 10)),
  )) {
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page = (await (await admin(`archive?day=${day}${query}`)).json()) as ArchivePage
      keys.push(...page.objects.map(({ key }) => key))
      cursor = page.cursor
    } while (cursor !== null)
  }
  return keys
}

interface Archived {
  readonly _id: string
  readonly _source: { readonly number: number; readonly createdDateTime: number }
}

const readArchive = async (keys: readonly string[]): Promise<readonly Archived[]> => {
  const lines: Archived[] = []
  for (const key of keys) {
    const response = await admin(`archive/object?key=${encodeURIComponent(key)}`)
    const text = gunzipSync(Buffer.from(await response.arrayBuffer())).toString()
    for (const line of text.split('\n')) if (line !== '') lines.push(JSON.parse(line) as Archived)
  }
  return lines
}

/** Until every letter had its effect and nothing is written any more: copies of messages may still be under way. */
const settle = async (): Promise<readonly string[]> => {
  const end = Date.now() + GIVE_UP_MILLISECONDS
  let keys: readonly string[] = []
  for (;;) {
    await pause(QUIET_MILLISECONDS)
    const { replayed = 0 } = await statesNow()
    const now = await listArchive()
    if (replayed === LETTERS && now.length === keys.length) return now
    keys = now
    if (Date.now() > end) return now
  }
}

try {
  const begin = performance.now()
  const letters = await sendDamaged()
  tell('events sent, each damaged in one of 3 ways', LETTERS)
  tell('dead letters of them', letters.size)
  const dry = await replay(['--all', '--dry-run'])
  tell('dry run: would be replayed', dry.answer?.counts.would_replay ?? 'no answer')

  const replayBegin = performance.now()
  // Its answer comes seconds later, so that it cannot end before it is killed.
  const proxy = await startRecordingProxy(url)
  proxy.behave(() => 'slow')
  const hasBegun = async (): Promise<boolean> => {
    const { replaying = 0, replayed = 0 } = await statesNow()
    return replaying + replayed > 0
  }
  const first = await replay(['--all'], hasBegun, proxy.origin)
  proxy.close()
  const { waiting = 0 } = await statesNow()
  tell(
    'first replay',
    first.isKilled ? `killed with ${waiting} letters left waiting` : 'ended before it could be killed',
  )

  // The letters in the order they came; the killed command has begun with the first ones.
  const later = [...letters].slice(Math.floor(LETTERS * 0.4))
  const [one, other] = await replayTwice(later)
  tell(`two at once replay the last ${later.length}: sent`, `${one} and ${other}`)
  const rest = await replay(['--all'])
  tell('the killed command again: sent', rest.answer?.counts.replaying ?? 'no answer')

  const keys = await settle()
  tell('seconds from the first replay to the last effect', Math.round((performance.now() - replayBegin) / 1_000))
  const third = await replay(['--state', 'replayed', '--again'])
  tell('a replay of what had its effect sends', third.answer?.counts.replaying ?? 'no answer')
  tell('letters by state', JSON.stringify(await statesNow()))
  const lines = await readArchive(keys)
  const times = new Map<number, number>()
  for (const { _source } of lines) times.set(_source.number, (times.get(_source.number) ?? 0) + 1)
  const twice = [...times.values()].filter((count) => count > 1).length
  const wrong = lines.filter(({ _source }) => _source.createdDateTime !== secondsOf(_source.number) * 1_000).length
  tell('objects in the archive', keys.length)
  tell('events in the archive', lines.length)
  tell('events missing', LETTERS - times.size)
  tell('events more than once', twice)
  tell('events with another time than was meant', wrong)
  tell('seconds in all', Math.round((performance.now() - begin) / 1_000))

  const width = Math.max(...rows.map(([what]) => what.length))
  process.stdout.write(rows.map(([what, figure]) => `${what.padEnd(width)}  ${figure}\n`).join(''))
  const isRight = lines.length === LETTERS && times.size === LETTERS && wrong === 0 && letters.size === LETTERS
  if (!isRight || !first.isKilled) process.exitCode = 1
} finally {
  await worker.stop()
  host.remove()
  cli.remove()
  rmSync(folder, { recursive: true, force: true })
}
