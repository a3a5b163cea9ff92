/** `nearcast archive` as it is called, on an archive that changes while it is read. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { command } from '../../../src/cli/commands/archive.ts'
import { ArchiveServer } from '../../support/archive-server.ts'
import { runCommand } from '../../support/command-output.ts'

const DAY = '2026-11-25'
const AT = Date.UTC(2026, 10, 25, 13, 30)
const keyOf = (name: string, hour = '13', day = DAY): string => `archive/${day}/${hour}/${name}.ndjson.gz`

let server: ArchiveServer
let output: string
beforeEach(async () => {
  server = await new ArchiveServer().start()
  output = mkdtempSync(join(tmpdir(), 'nearcast-archive-'))
})
afterEach(async () => {
  rmSync(output, { recursive: true })
  await server.stop()
})

const put = (key: string, lines: readonly string[], writtenAt = AT): void => {
  server.objects.set(key, { bytes: gzipSync(lines.map((line) => `${line}\n`).join('')), writtenAt })
}
/** What compaction does, all at once. */
const join13 = (names: readonly string[], joined: string): void => {
  const lines = names.flatMap((name) => {
    const object = server.objects.get(keyOf(name))
    if (object === undefined) throw new Error(`there is no ${name}`)
    return gunzipSync(object.bytes).toString().trim().split('\n')
  })
  for (const name of names) server.objects.delete(keyOf(name))
  put(keyOf(joined), lines, AT + 7_200_000)
}

const bring = (...args: string[]) =>
  runCommand(command, ['--day', DAY, '--output', output, '--url', server.url, '--token', 'secret', ...args])
const fetches = (): number => server.asked.filter((path) => path.startsWith('/admin/archive/object')).length
const files = (): string[] =>
  readdirSync(output, { recursive: true, encoding: 'utf8' })
    .filter((name) => /gz/.test(name))
    .sort()
const lines = (): string[] =>
  files()
    .flatMap((name) =>
      gunzipSync(readFileSync(join(output, name)))
        .toString()
        .trim()
        .split('\n'),
    )
    .sort()

describe('nearcast archive', () => {
  it('brings the objects of the day into folders of day and hour', async () => {
    put(keyOf('a'), ['1', '2'])
    put(keyOf('b', '07'), ['3'])
    put(keyOf('c', '13', '2026-11-26'), ['4'])
    const { code, stderr } = await bring()
    expect(code).toBe(0)
    expect(files()).toEqual([`${DAY}/07/b.ndjson.gz`, `${DAY}/13/a.ndjson.gz`])
    expect(lines()).toEqual(['1', '2', '3'])
    expect(stderr).toContain('archive: 2 objects fetched, 0.0 MB; 0 were here already, 0 replaced by joined ones')
  })

  it('brings several days, or one hour', async () => {
    put(keyOf('a'), ['1'])
    put(keyOf('b', '07'), ['2'])
    put(keyOf('c', '00', '2026-11-27'), ['3'])
    await bring('--hour', '7')
    expect(lines()).toEqual(['2'])
    await bring('--to', '2026-11-27')
    expect(lines()).toEqual(['1', '2', '3'])
  })

  it('reads the list page by page', async () => {
    for (let index = 0; index < 25; index++) put(keyOf(`m${index}`), [`${index}`])
    server.pageSize = 7
    await bring()
    expect(lines().length).toBe(25)
  })

  it('fetches only what is missing, or was written anew', async () => {
    put(keyOf('a'), ['1'])
    put(keyOf('b'), ['2'])
    await bring()
    expect(fetches()).toBe(2)
    await bring()
    expect(fetches()).toBe(2)
    put(keyOf('b'), ['2', '3'], AT + 60_000)
    const { stdout } = await bring('--json')
    expect(fetches()).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ fetched: 1, kept: 1, removed: 0, unsettled: [] })
    expect(lines()).toEqual(['1', '2', '3'])
  })

  it('replaces files whose events were joined', async () => {
    put(keyOf('a'), ['1'])
    put(keyOf('b'), ['2'])
    await bring()
    join13(['a', 'b'], 'joined-x')
    put(keyOf('late'), ['3'], AT + 8_000_000)
    const { stdout } = await bring('--json')
    expect(JSON.parse(stdout)).toMatchObject({ fetched: 2, kept: 0, removed: 2 })
    expect(files()).toEqual([`${DAY}/13/joined-x.ndjson.gz`, `${DAY}/13/late.ndjson.gz`])
    expect(lines()).toEqual(['1', '2', '3'])
  })

  it('keeps what the deployment keeps no longer', async () => {
    put(keyOf('a'), ['1'])
    put(keyOf('joined-x'), ['2'])
    await bring()
    server.objects.clear()
    await bring()
    expect(lines()).toEqual(['1', '2'])
    put(keyOf('b'), ['3'], AT + 1_000_000)
    await bring()
    expect(lines()).toEqual(['1', '2', '3'])
  })

  it.each(Array.from({ length: 9 }, (_, index) => index))(
    'finds each event once, joined before request %i of those that bring an hour',
    async (number) => {
      for (const here of [false, true]) {
        server.objects.clear()
        rmSync(join(output, DAY), { recursive: true, force: true })
        for (const name of ['a', 'b', 'c']) put(keyOf(name), [name])
        if (here) await bring()
        put(keyOf('d'), ['d'], AT + 1_000)
        // A page each, so that the join can come between two pages of one list.
        server.pageSize = 1
        const first = server.asked.length
        server.before = (_, at) => {
          if (at === first + number) join13(['a', 'b', 'c', 'd'], 'joined-x')
          return undefined
        }
        expect((await bring()).code).toBe(0)
        server.before = () => undefined
        expect(lines()).toEqual(['a', 'b', 'c', 'd'])
        expect((await bring()).code).toBe(0)
        expect(lines()).toEqual(['a', 'b', 'c', 'd'])
      }
    },
  )

  it('leaves an hour that is being joined as it was, says so, and exits with 1', async () => {
    put(keyOf('a'), ['1'])
    await bring()
    // The sources are gone, and what they were joined to is not there yet.
    server.objects.clear()
    server.isJoining = true
    const { code, stderr } = await bring()
    expect(code).toBe(1)
    expect(stderr).toContain(`${DAY} 13 h is being joined, so it is left as it was: run this again later`)
    expect(lines()).toEqual(['1'])
  }, 20_000)

  it('goes on after a run that was cut off, with what that one had fetched', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) put(keyOf(name), [name])
    server.before = (path, number) => (path.endsWith('/object') && number > 4 ? 500 : undefined)
    const { code, stderr } = await bring()
    expect(code).toBe(1)
    expect(stderr).toContain('nearcast archive: injected 500 (injected)')
    const parts = files().filter((name) => name.endsWith('.part')).length
    expect(parts).toBeGreaterThan(0)
    expect(files().length).toBe(parts)
    server.before = () => undefined
    const before = fetches()
    await bring()
    expect(fetches() - before).toBe(6 - parts)
    expect(lines()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    expect(files().some((name) => name.endsWith('.part'))).toBe(false)
  })

  it('takes no part that was cut off for a whole one', async () => {
    put(keyOf('a'), ['1'])
    mkdirSync(join(output, DAY, '13'), { recursive: true })
    writeFileSync(join(output, DAY, '13', `.a.ndjson.gz.${AT}.part`), 'half')
    await bring()
    expect(lines()).toEqual(['1'])
  })

  it('tries again what may pass: 429, 503', async () => {
    put(keyOf('a'), ['1'])
    const statuses = [429, 503, undefined, 429]
    server.before = (_, number) => statuses[number]
    expect((await bring()).code).toBe(0)
    expect(lines()).toEqual(['1'])
  })

  it('lets no key become a file elsewhere', async () => {
    put('archive/2026-11-25/../../x.ndjson.gz', ['1'])
    const { code, stderr } = await bring()
    expect(code).toBe(1)
    expect(stderr).toContain('lists archive/2026-11-25/../../x.ndjson.gz under 2026-11-25')
    expect(existsSync(join(output, '..', 'x.ndjson.gz'))).toBe(false)
  })

  it('lists', async () => {
    put(keyOf('a'), ['1'])
    const list = (...args: string[]) =>
      runCommand(command, ['list', '--day', DAY, '--url', server.url, '--token', 'secret', ...args])
    expect((await list()).stdout).toBe(`2026-11-25T13:30:00.000Z         22  ${keyOf('a')}\n`)
    expect(JSON.parse((await list('--json')).stdout)).toEqual({
      key: keyOf('a'),
      bytes: 22,
      written_at: '2026-11-25T13:30:00.000Z',
    })
  })

  it.each([
    [['--output', 'x'], /--day/],
    [['--day', '2026-02-30', '--output', 'x'], /--day 2026-02-30/],
    [['--day', DAY, '--to', '2026-11-24', '--output', 'x'], /lies before/],
    [['--day', DAY, '--hour', '24', '--output', 'x'], /--hour 24/],
    [['--day', DAY, '--to', '2026-11-26', '--hour', '1', '--output', 'x'], /--hour wants a single day/],
    [['--day', DAY], /--output/],
    [['list', '--day', DAY, '--output', 'x'], /leave out --output/],
    [['lits', '--day', DAY], /expected list/],
  ])('refuses %j', async (args, message) => {
    await expect(command.run([...args, '--token', 'secret'])).rejects.toThrow(UsageError)
    await expect(command.run([...args, '--token', 'secret'])).rejects.toThrow(message)
  })

  it('says why a deployment refuses', async () => {
    const { code, stderr } = await runCommand(command, ['list', '--day', DAY, '--url', server.url, '--token', 'wrong'])
    expect(code).toBe(1)
    expect(stderr).toBe('nearcast archive: no token (injected)\n')
  })
})
