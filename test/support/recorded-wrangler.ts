/**
 * A wrangler of recorded answers, run as a program. The recordings in test/fixtures/wrangler are what wrangler 4.155.0 printed and wrote before a
 * server that answered like Cloudflare's API (2026-11); only names and ids are made up.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export interface RecordedAnswer {
  readonly stdout?: string
  readonly stderr?: string
  /** What it writes to WRANGLER_OUTPUT_FILE_PATH. */
  readonly output?: string
  readonly code?: number
  /** It never ends. */
  readonly hangs?: boolean
}

export const OLD = '11111111-1111-4111-8111-111111111111'
export const NEW = '22222222-2222-4222-8222-222222222222'

export const recorded = (name: string): string =>
  readFileSync(resolve(import.meta.dirname, '../fixtures/wrangler', name), 'utf8')

/** What an account has in which nothing of staging is lacking but two secrets and the zip data. */
export const ACCOUNT: Readonly<Record<string, readonly RecordedAnswer[]>> = {
  'whoami --json': [{ stdout: '{"loggedIn":true}\n' }],
  'kv namespace list': [{ stdout: recorded('kv-namespace-list.json') }],
  'r2 bucket list': [{ stdout: recorded('r2-bucket-list.txt') }],
  'queues list': [{ stdout: recorded('queues-list.txt') }],
  'secret list --env staging': [{ stdout: recorded('secret-list.json') }],
  'secret list --env production': [
    {
      code: 1,
      stderr: recorded('secret-list-missing.stderr.txt'),
      output: recorded('secret-list-missing.output.ndjson'),
    },
  ],
  'kv key list': [{ stdout: '[{"name":"zip3/005"},{"name":"zip3/006"}]\n' }],
}

export class RecordedWrangler {
  readonly #folder = mkdtempSync(join(tmpdir(), 'nearcast-recorded-'))
  readonly #before: Readonly<Record<string, string | undefined>>

  /** Answers by how a call begins; the first that fits answers, its answers in turn. */
  constructor(answers: Readonly<Record<string, readonly RecordedAnswer[]>>) {
    this.#before = { script: process.env.WRANGLER_SCRIPT, wrangler: process.env.NEARCAST_WRANGLER }
    writeFileSync(this.#calls, '')
    const list = Object.entries(answers).map(([call, each]) => ({ call, answers: each }))
    writeFileSync(join(this.#folder, 'script.json'), JSON.stringify({ calls: this.#calls, answers: list }))
    process.env.WRANGLER_SCRIPT = join(this.#folder, 'script.json')
    process.env.NEARCAST_WRANGLER = resolve(import.meta.dirname, 'wrangler-stub.mjs')
  }

  /** How it was called, in order. */
  get calls(): readonly string[] {
    return readFileSync(this.#calls, 'utf8').split('\n').slice(0, -1)
  }

  remove(): void {
    const restore = (name: string, value: string | undefined): void => {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    restore('WRANGLER_SCRIPT', this.#before.script)
    restore('NEARCAST_WRANGLER', this.#before.wrangler)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #calls(): string {
    return join(this.#folder, 'calls.txt')
  }
}
