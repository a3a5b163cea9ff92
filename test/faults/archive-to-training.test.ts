/** From POST /v1/events to a table for the next model: the deployed bundle on real local bindings, and the commands as they are called. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deployedBundle } from '../../bench/bundle.ts'
import { makeTraffic } from '../../bench/traffic.ts'
import { createWorkerHost, type RunningWorker, SECRETS, type WorkerHost } from '../../bench/worker.ts'
import { command as archive } from '../../src/cli/commands/archive.ts'
import { command as verify } from '../../src/cli/commands/verify.ts'
import { ROOT } from '../support/bundled-app.ts'
import { runCommand } from '../support/command-output.ts'
import { type BuiltCli, buildCli } from '../support/featurize-cli.ts'

const EVENTS = 1_500

let host: WorkerHost
let worker: RunningWorker
let cli: BuiltCli
const output = mkdtempSync(join(tmpdir(), 'nearcast-archived-'))
beforeAll(async () => {
  cli = await buildCli()
  host = createWorkerHost()
  await host.seed(makeTraffic(ROOT).packs)
  worker = await host.start(deployedBundle(), 'product')
}, 120_000)
afterAll(async () => {
  await worker.stop()
  host.remove()
  cli.remove()
  rmSync(output, { recursive: true })
})

const files = (): string[] =>
  readdirSync(output, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ndjson.gz'))
const idsHere = (): string[] =>
  files().flatMap((name) =>
    gunzipSync(readFileSync(join(output, name)))
      .toString()
      .trim()
      .split('\n')
      .map((line) => String(JSON.parse(line)._id)),
  )

describe('archived events of a running worker', () => {
  it('are all brought, verified without a difference and featurized', async () => {
    const url = `http://127.0.0.1:${worker.port}`
    const events = makeTraffic(ROOT)
      .events.slice(0, EVENTS)
      .map((text, index) => {
        const event = JSON.parse(text)
        if (event._source !== undefined) event._id = `h${index}`
        else event.id = `f${index}`
        return event
      })
    const began = new Date()
    for (let at = 0; at < EVENTS; at += 300) {
      const body = JSON.stringify({ events: events.slice(at, at + 300) })
      const response = await fetch(`${url}/v1/events`, { method: 'POST', body })
      expect(response.status).toBe(202)
      expect(await response.json()).toMatchObject({ accepted: 300 })
    }
    const day = (at: Date): string => at.toISOString().slice(0, 10)
    const args = ['--output', output, '--url', url, '--token', SECRETS.ADMIN_TOKEN]
    // The queue hands its messages over when it likes.
    while (idsHere().length < EVENTS) {
      const { code, stderr } = await runCommand(archive, ['--day', day(began), '--to', day(new Date()), ...args])
      expect({ code, stderr }).toMatchObject({ code: 0 })
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(new Set(idsHere()).size).toBe(EVENTS)

    const verified = await runCommand(verify, [
      join(output, '**/*.ndjson.gz'),
      '--json',
      '--models',
      join(ROOT, 'model'),
      '--zips',
      join(ROOT, 'kv-seed'),
    ])
    expect(JSON.parse(verified.stdout)).toMatchObject({ compared: EVENTS, mismatched: 0, other_zip_data: {} })
    expect(verified.code).toBe(0)

    const table = join(output, 'features.csv')
    const featurized = await cli.featurize([join(output, '**/*.ndjson.gz'), '--output', table])
    expect(featurized).toMatchObject({ code: 0 })
    expect(readFileSync(table, 'utf8').trim().split('\n').length).toBe(EVENTS + 1)
  }, 120_000)
})
