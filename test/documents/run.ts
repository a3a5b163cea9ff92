/**
 * Runs the documents: every block of commands, in order, as a newcomer would who reads from the top, and compares what is printed with what stands
 * below. Each document has a clone of its own, and a worker that is started where the document starts one, else before its first block.
 *   node test/documents/run.ts [README.md docs/api.md …]
 * Tags behind `console`: `account` is run dry (each command must be one that there is), `fails` is meant to fail, `elsewhere` names what this
 * machine may lack and is not run, `python` has an environment of its own, and is not run where there is no Python 3. What one block sets or where it goes holds for the next.
 * A line that starts a server (`npm start`) is run beside the others. The last line is `documents: N passed, N failed`.
 */
import { execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ROOT } from '../../bench/root.ts'
import { check, endChecks } from '../support/checks.ts'
import { compact, isAsShown, type Step, stepsOf } from './blocks.ts'
import { masked } from './masks.ts'

const run = promisify(execFile)
const ORIGIN = 'http://127.0.0.1:8787'
const BLOCK_MILLISECONDS = 300_000
const READY_MILLISECONDS = 120_000
/** In this order. */
const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md') && name !== 'decisions.md')
    .map((name) => `docs/${name}`),
]

/** A copy of what git holds and of what is not committed yet, which commands may change. */
const cloneOf = async (): Promise<string> => {
  // What a document puts beside the repository goes with it.
  const folder = join(mkdtempSync(join(tmpdir(), 'nearcast-documents-')), 'nearcast')
  mkdirSync(folder)
  const { stdout } = await run('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: ROOT,
    maxBuffer: 1 << 26,
  })
  for (const file of stdout.split('\0'))
    if (file !== '' && existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(folder, file), { recursive: true })
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Of Python, kept from one run to the next; `null` where it cannot be made. */
const pythonPath = async (): Promise<string | null> => {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'nearcast-documents')
  try {
    if (!existsSync(join(folder, 'bin', 'pip'))) await run('python3', ['-m', 'venv', folder])
    return join(folder, 'bin')
  } catch {
    return null
  }
}

const START = /^(?:npm install && )?(npm start.*)$/
/** A server of somebody else, that runs until the document ends. */
const OTHER_SERVER = /^python3 -m http\.server /

class Reader {
  #server: { stop(): Promise<void> } | null = null
  readonly #others: (() => void)[] = []
  readonly folder: string
  /** Where commands are looked for before all else. */
  tools = ''

  constructor(folder: string) {
    this.folder = folder
  }

  async start(command: string): Promise<void> {
    await this.stop()
    const child = spawn('bash', ['-c', command], {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let log = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        log += chunk.toString()
      })
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    this.#server = {
      stop: async () => {
        if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
          process.kill(-child.pid, 'SIGTERM')
        await Promise.race([ended, pause(10_000)])
      },
    }
    const until = Date.now() + READY_MILLISECONDS
    while (Date.now() < until) {
      const answer = await fetch(`${ORIGIN}/livez`).catch(() => null)
      await answer?.arrayBuffer()
      if (answer?.ok === true) return
      if (child.exitCode !== null) break
      await pause(300)
    }
    throw new Error(`\`${command}\` does not answer at ${ORIGIN}: ${log.slice(-2_000)}`)
  }

  /** Beside the worker. */
  serve(command: string): void {
    const child = spawn('bash', ['-c', command], { cwd: this.folder, detached: true, stdio: 'ignore' })
    this.#others.push(() => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, 'SIGTERM')
    })
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    this.#server = null
  }

  async end(): Promise<void> {
    await this.stop()
    for (const stop of this.#others) stop()
  }

  get isServing(): boolean {
    return this.#server !== null
  }

  /** What the commands print, with messages where `isText`. Throws where one fails, or none does and `fails`. */
  async run(commands: string, isText = false, fails = false): Promise<string> {
    const kept = join(this.folder, '.git-ignored-shell')
    const before = `touch ${kept}; . ${kept}; set -a${isText ? '; exec 2>&1' : ''}`
    const after = `declare -px > ${kept}; echo "cd $(printf %q "$PWD")" >> ${kept}`
    const script = fails
      ? `${before}\nif (set -e\n${commands}\n); then echo 'this was to fail'; exit 1; fi`
      : `${before}\nset -e\n${commands}\nset +e\n${after}`
    const { stdout } = await run('bash', ['-c', script], {
      cwd: this.folder,
      timeout: BLOCK_MILLISECONDS,
      maxBuffer: 1 << 26,
      env: { ...process.env, PAGER: 'cat', NO_COLOR: '1', PATH: `${this.tools}${process.env.PATH ?? ''}` },
    })
    return stdout.replaceAll('\r', '')
  }
}

/** The program and subcommand of each line: what can be asked whether there is such a command. */
const dryCommandsOf = (text: string): readonly string[] =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => {
      const found = /^\s*(?:\w+=\S+ )*npx (nearcast|wrangler) ((?:[a-z][\w-]* ?)+)/.exec(line)
      if (found === null) return []
      const [, program, words = ''] = found
      return [
        `npx ${program} ${words
          .trim()
          .split(' ')
          .slice(0, program === 'wrangler' ? 3 : 2)
          .join(' ')} --help`,
      ]
    })

/** The same with ever fewer words, since an argument may look like a subcommand. */
const runDry = async (reader: Reader, text: string): Promise<void> => {
  const commands = dryCommandsOf(text)
  if (commands.length === 0) throw new Error('there is no command of nearcast or wrangler in it')
  for (const command of commands) await reader.run(`${command} > /dev/null`)
}

const read = async (reader: Reader, { commands, answer }: Step): Promise<void> => {
  const { text, tags } = commands
  if (tags.includes('account')) return runDry(reader, text)
  const lines = text.split('\n')
  const start = lines.map((line) => START.exec(line)?.[1]).find((command) => command !== undefined)
  if (start !== undefined) await reader.start(start)
  for (const line of lines) if (OTHER_SERVER.test(line)) reader.serve(line)
  const others = lines.filter((line) => !START.test(line) && !OTHER_SERVER.test(line)).join('\n')
  if (!reader.isServing) await reader.start('npm start')
  const isText = answer?.language === 'text'
  const printed = others.trim() === '' ? '' : await reader.run(others, isText, tags.includes('fails'))
  if (answer === undefined) return
  const [shown, came] = [masked(compact(answer.text)), masked(compact(printed))]
  if (!isAsShown(shown, came)) throw new Error(`line ${answer.line} shows\n${shown}\nand this came\n${came}`)
}

let elsewhere = 0
const chosen = process.argv.slice(2)
for (const document of chosen.length === 0 ? DOCUMENTS : chosen) {
  const steps = stepsOf(readFileSync(join(ROOT, document), 'utf8'))
  if (steps.length === 0) continue
  const reader = new Reader(await cloneOf())
  try {
    for (const step of steps) {
      const place = `${document}:${step.commands.line}`
      const python = step.commands.tags.includes('python') ? await pythonPath() : undefined
      if (typeof python === 'string') reader.tools = `${python}:`
      if (step.commands.tags.includes('elsewhere') || python === null) {
        elsewhere++
        console.log(`-    ${place} wants ${step.commands.tags.filter((tag) => tag !== 'elsewhere').join(' ')}`)
        continue
      }
      const isDry = step.commands.tags.includes('account')
      await check(`${place}${isDry ? ' (dry)' : ''}`, () => read(reader, step))
    }
  } finally {
    await reader.end()
    rmSync(dirname(reader.folder), { recursive: true, force: true })
  }
}
console.log(`${elsewhere} blocks want what is not part of the project`)
endChecks('documents')
