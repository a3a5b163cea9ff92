import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BuiltCli, buildCli } from '../../support/featurize-cli.ts'

let cli: BuiltCli
beforeAll(async () => {
  cli = await buildCli()
})
afterAll(() => cli.remove())

const nearcast = (...args: string[]) =>
  spawnSync(process.execPath, [join(cli.folder, 'dist', 'nearcast.js'), ...args], { encoding: 'utf8' })

const COMMANDS = readdirSync('src/cli/commands').map((file) => basename(file, '.ts'))

describe('the built command', () => {
  it('lists every command with a line on what it does', () => {
    const { status, stdout, stderr } = nearcast('--help')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} +\\S`, 'm'))
  })

  it.each(COMMANDS)('%s tells more', (command) => {
    const { status, stdout, stderr } = nearcast(command, '--help')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^Usage: nearcast ${command}`))
  })
})
