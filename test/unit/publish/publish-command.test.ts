/** `nearcast publish` as it is called: what it checks, sends, prints and exits with. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { command } from '../../../src/cli/commands/publish.ts'
import { manifestSchema } from '../../../src/protocol/manifest.ts'
import { versionRecord } from '../../../src/serving/version-record.ts'
import { type AdminServer, startAdminServer } from '../../support/admin-server.ts'
import { runCommand } from '../../support/command-output.ts'
import { servedDirectory } from '../../support/foreign.ts'
import { changed, same } from '../../support/validating.ts'

let server: AdminServer
beforeAll(async () => {
  server = await startAdminServer()
})
afterAll(() => server.stop())

const running = (...args: string[]) =>
  runCommand(command, [...args, '--url', server.url, '--token', 'secret', '--by', 'ada'])

/** The parts of the form that came last. */
const parts = async (): Promise<Record<string, string | number>> => {
  const { body, contentType } = server.asked.at(-1) ?? {}
  const form = await new Response(new Uint8Array(body ?? []), {
    headers: { 'content-type': contentType ?? '' },
  }).formData()
  return Object.fromEntries([...form].map(([name, value]) => [name, typeof value === 'string' ? value : value.size]))
}

const published = async (directory: string) => {
  const bytes = new Uint8Array(await (await import('node:fs/promises')).readFile(join(directory, 'manifest.json')))
  const manifest = manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  const files = { manifest: bytes, model: bytes, reference: null, card: null }
  return versionRecord(manifest, files, 'ada', Date.UTC(2026, 10, 24))
}

describe('nearcast publish', () => {
  it('checks the version, uploads its files and says what was published', async () => {
    const directory = servedDirectory('mlp')
    const version = await published(directory)
    server.answer = { status: 201, body: { created: true, version } }
    const { code, stdout, stderr } = await running(directory)
    expect([code, stdout]).toEqual([0, `published mlp 1.0.0, digest ${version.digest}\n`])
    expect(stderr).toMatch(/^validating: 12 checks passed\nuploading to .*: \d+ bytes\n$/)
    expect(server.asked.at(-1)).toMatchObject({ method: 'POST', path: '/admin/models/mlp/versions', token: 'secret' })
    expect(await parts()).toEqual({ manifest: 3755, model: 1597, reference: 22739, card: 863, by: 'ada' })
  })

  it('sends neither reference nor card where there is none, and says who was first', async () => {
    const directory = changed('mlp', (manifest) => {
      delete manifest.reference
    })
    rmSync(join(directory, 'MODEL_CARD.md'))
    server.answer = { status: 200, body: { created: false, version: await published(directory) } }
    const { stdout } = await running(directory)
    expect(stdout).toMatch(/^mlp 1\.0\.0, digest [0-9a-f]{64} was published before, by ada\n$/)
    expect(Object.keys(await parts()).sort()).toEqual(['by', 'manifest', 'model'])
  })

  it('uploads nothing that fails its own checks, and prints which', async () => {
    const before = server.asked.length
    const directory = changed('mlp', (manifest) => {
      manifest.golden[0].outputs.bought_probability = 0.123
    })
    const { code, stderr } = await running(directory)
    expect(code).toBe(1)
    expect(stderr).toContain('FAILED   golden')
    expect(server.asked.length).toBe(before)
  })

  it('exits with 1 and the reason when the deployment refuses', async () => {
    server.answer = { status: 409, body: { code: 'version_exists', detail: 'mlp@1.0.0 is published with other bytes' } }
    const { code, stderr } = await running(changed('mlp', same))
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /not published\nnearcast publish: mlp@1\.0\.0 is published with other bytes \(version_exists\)\n$/,
    )
  })

  it('takes what is no version directory for bad input', async () => {
    for (const args of [
      [],
      ['nowhere'],
      [servedDirectory('mlp'), 'another'],
      [servedDirectory('mlp'), '--max-bytes', 'x'],
    ]) {
      await expect(running(...args)).rejects.toThrow(UsageError)
    }
  })
})
