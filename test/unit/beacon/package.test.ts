/** The beacon as another package imports it: its code under a server, its types in both ways of resolving them. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')

const PAGE = `
import { counts, flush, init, type Prediction, predict, track } from 'nearcast/beacon'
import { start } from 'nearcast/beacon-auto'
init({ endpoint: 'https://worker.example', fields: { zipCode: '94107' } })
track('add_to_cart', { sku: 'A1' })
start({ track, predict })
const answer: Prediction | null = await predict({ zipCode: '94107' }, { timeoutMilliseconds: 150, fallback: null })
const other: Prediction | undefined = await predict()
// @ts-expect-error a number is no name
track(1)
// @ts-expect-error there is no such option
init({ endpont: 'https://worker.example' })
await flush()
console.log(answer, other, counts().dropped)
`
const SERVER = `
import { counts, flush, init, predict, track } from 'nearcast/beacon'
import { start } from 'nearcast/beacon-auto'
init({ endpoint: 'https://worker.example' })
track('add_to_cart')
start({ track, predict })
await flush()
console.log(JSON.stringify([await predict({}, { fallback: 'none' }), counts()]))
`

let folder = ''
beforeAll(async () => {
  await promisify(execFile)('npm', ['run', '--silent', 'build:beacon'], { cwd: ROOT })
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  folder = mkdtempSync(join(ROOT, '.cache', 'beacon-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'nearcast'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'page.ts'), PAGE)
  writeFileSync(join(folder, 'server.js'), SERVER)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the package', () => {
  it.each([
    ['esnext', 'bundler'],
    ['nodenext', 'nodenext'],
  ])('has types, module %s', (module, resolution) => {
    const options = { noEmit: true, strict: true, target: 'es2022', lib: ['es2022', 'dom'], types: [], module }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, moduleResolution: resolution }, files: ['page.ts'] }),
    )
    const compile = () => execFileSync('tsc', ['-p', folder], { cwd: ROOT, encoding: 'utf8' })
    expect(compile()).toBe('')
  })

  it('may be imported where there is no page: it does nothing and says so', () => {
    const told = execFileSync(process.execPath, ['server.js'], { cwd: folder, encoding: 'utf8' })
    expect(JSON.parse(told)).toEqual(['none', { queued: 0, sent: 0, dropped: 0 }])
  })
})
