/** `nearcast deploy check` on an account that is known through a recorded wrangler. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { command } from '../../../src/cli/commands/deploy.ts'
import { installedWrangler } from '../../../src/cli/deploy/wrangler.ts'
import { runCommand } from '../../support/command-output.ts'
import { ACCOUNT, type RecordedAnswer, RecordedWrangler, recorded } from '../../support/recorded-wrangler.ts'

let wrangler: RecordedWrangler | undefined
const folders: string[] = []
afterEach(() => {
  wrangler?.remove()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const record = (answers: Readonly<Record<string, readonly RecordedAnswer[]>>): RecordedWrangler => {
  wrangler = new RecordedWrangler(answers)
  return wrangler
}

/** A copy of wrangler.toml that may be written to. */
const configuration = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'nearcast-deploy-'))
  folders.push(folder)
  copyFileSync('wrangler.toml', join(folder, 'wrangler.toml'))
  return join(folder, 'wrangler.toml')
}

const SEED_KEYS = JSON.stringify(
  (JSON.parse(readFileSync('kv-seed/zips.json', 'utf8')) as { key: string }[]).map(({ key }) => ({ name: key })),
)

describe('an account that has everything', () => {
  const full = {
    ...ACCOUNT,
    'kv key list': [{ stdout: SEED_KEYS }],
    'secret list --env staging': [
      { stdout: JSON.stringify(['ADMIN_TOKEN', 'READ_TOKEN', 'WRITE_TOKEN', 'SIGNING_KEY'].map((name) => ({ name }))) },
    ],
  }

  it('lacks nothing once the ids are written, and exits with 0', async () => {
    record(full)
    const config = configuration()
    const { code, stdout } = await runCommand(command, ['check', '--env', 'staging', '--config', config, '--write-ids'])
    expect(stdout).toMatch(/^staging \(nearcast-staging\): nothing is lacking\n/)
    expect(code).toBe(0)
    const text = readFileSync(config, 'utf8')
    expect(text).toContain('id = "0f2ac74b498b48028cb68387c421e279"')
    expect(text).not.toContain('REPLACE-WITH-ID-OF-nearcast-staging')
    expect(text).toContain('REPLACE-WITH-ID-OF-nearcast-production-releases')
  })

  it('is only read', async () => {
    const { calls } = await (async () => {
      const own = record(full)
      await runCommand(command, ['check', '--env', 'staging', '--config', configuration(), '--write-ids'])
      return own
    })()
    expect(calls).toEqual([
      'whoami --json',
      'kv namespace list',
      'r2 bucket list',
      'queues list --page 1',
      'queues list --page 2',
      'secret list --env staging --format json',
      'kv key list --namespace-id 0f2ac74b498b48028cb68387c421e279 --prefix zip3/ --remote',
    ])
  })
})

describe('an account that lacks something', () => {
  it('is told each thing with the command that mends it, and exits with 1', async () => {
    record(ACCOUNT)
    const config = configuration()
    const { code, stdout } = await runCommand(command, ['check', '--env', 'staging', '--config', config])
    expect(code).toBe(1)
    for (const mend of [
      'npx nearcast deploy check --env staging --write-ids',
      'npx wrangler secret put WRITE_TOKEN --env staging',
      'npx wrangler secret put SIGNING_KEY --env staging',
      'npx wrangler kv bulk put kv-seed/zips.json --binding ZIP_FEATURES --env staging --remote',
    ]) {
      expect(stdout).toContain(`$ ${mend}\n`)
    }
    expect(stdout).not.toContain('secret put ADMIN_TOKEN')
    expect(stdout).not.toContain('bucket create')
    expect(stdout).not.toContain('queues create')
    expect(readFileSync(config, 'utf8')).toBe(readFileSync('wrangler.toml', 'utf8'))
  })

  it('is told of a worker that is not there yet, and of everything it would need', async () => {
    record(ACCOUNT)
    const args = ['check', '--env', 'production', '--config', configuration(), '--json']
    const { code, stdout } = await runCommand(command, args)
    const [{ findings }] = JSON.parse(stdout) as [{ findings: { state: string; mend: string | null }[] }]
    expect(code).toBe(1)
    expect(findings.filter(({ state }) => state === 'missing').map(({ mend }) => mend)).toEqual([
      'npx wrangler kv namespace create nearcast-production-zip-features',
      'npx wrangler kv namespace create nearcast-production-releases',
      'npx wrangler r2 bucket create nearcast-production-models',
      'npx wrangler r2 bucket create nearcast-production-archive',
      'npx wrangler queues create nearcast-production-events',
      'npx wrangler queues create nearcast-production-events-given-up',
      'npx wrangler secret put ADMIN_TOKEN --env production',
      'npx wrangler secret put READ_TOKEN --env production',
      'npx wrangler secret put WRITE_TOKEN --env production',
      'npx wrangler secret put SIGNING_KEY --env production',
      'npx wrangler kv bulk put kv-seed/zips.json --binding ZIP_FEATURES --env production --remote',
    ])
  })

  it('is told that a part of the zip data is there', async () => {
    record(ACCOUNT)
    const args = ['check', '--env', 'staging', '--config', configuration(), '--write-ids']
    expect((await runCommand(command, args)).stdout).toContain('MISSING zip data      ZIP_FEATURES: 2 of 930 packs')
  })

  it('is not asked further when wrangler is not logged in', async () => {
    const own = record({ 'whoami --json': [{ code: 1, stdout: '{"loggedIn":false}\n' }] })
    const { code, stdout } = await runCommand(command, ['check', '--env', 'staging', '--config', configuration()])
    expect({ code, calls: own.calls }).toEqual({ code: 1, calls: ['whoami --json'] })
    expect(stdout).toContain('npx wrangler login')
  })

  it('is refused with the words of wrangler', async () => {
    record({
      ...ACCOUNT,
      'r2 bucket list': [{ code: 1, stderr: 'Please enable R2 through the dashboard. [code: 10042]' }],
    })
    const { code, stderr } = await runCommand(command, ['check', '--env', 'staging', '--config', configuration()])
    expect(code).toBe(1)
    expect(stderr).toBe(
      'nearcast deploy: wrangler r2 bucket list: Please enable R2 through the dashboard. [code: 10042]\n',
    )
  })
})

describe('wrangler', () => {
  it('is ended at its deadline', async () => {
    record({ 'queues list': [{ hangs: true }] })
    expect(await installedWrangler(2_000)(['queues', 'list'])).toMatchObject({ code: null })
  })

  it('tells why it failed through what it writes for machines', async () => {
    record({
      'versions upload': [{ code: 1, output: recorded('versions-upload-migration.output.ndjson') }],
    })
    const { entries } = await installedWrangler()(['versions', 'upload'])
    expect(entries[0]?.message).toMatch(/^This Worker has a pending Durable Object migration/)
  })
})

describe('the command', () => {
  it.each([
    [['check', '--env', 'live'], '--env live: expected staging or production'],
    [['go'], 'go: expected check'],
    [['check', '--live', 'nearcast.example'], '--live nearcast.example: no address'],
    [['check', '--live', 'http://127.0.0.1:1', '--prefixes', '0'], '--prefixes 0: expected a whole number'],
  ])('refuses %j', async (args, message) => {
    await expect(command.run(args)).rejects.toThrow(message)
  })
})
