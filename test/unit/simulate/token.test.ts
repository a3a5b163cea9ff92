/** Where the token comes from with which outcomes are reported. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { findToken } from '../../../src/cli/release/deployment.ts'

const folder = mkdtempSync(join(tmpdir(), 'nearcast-token-'))
const devVars = join(folder, '.dev.vars')
writeFileSync(devVars, 'ADMIN_TOKEN=admin\nWRITE_TOKEN="write"\n')
afterAll(() => rmSync(folder, { recursive: true }))

const LOCAL = new URL('http://127.0.0.1:8787')
const FAR = new URL('https://nearcast.example')

describe('a token by its name', () => {
  it('is that of the environment, else, for a deployment on this machine, of .dev.vars', () => {
    expect(findToken(FAR, 'WRITE_TOKEN', { WRITE_TOKEN: 'mine' }, devVars)).toBe('mine')
    expect(findToken(LOCAL, 'WRITE_TOKEN', { WRITE_TOKEN: 'mine' }, devVars)).toBe('mine')
    expect(findToken(LOCAL, 'WRITE_TOKEN', {}, devVars)).toBe('write')
  })

  it('of this machine is never told to another', () => {
    expect(() => findToken(FAR, 'WRITE_TOKEN', {}, devVars)).toThrow(UsageError)
    expect(() => findToken(LOCAL, 'OTHER', {}, devVars)).toThrow('set OTHER')
    expect(() => findToken(LOCAL, 'WRITE_TOKEN', {}, join(folder, 'none'))).toThrow('set WRITE_TOKEN')
  })
})
