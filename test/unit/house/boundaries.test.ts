import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Which rooms a room may import from; its own files are always allowed. The root files (index, config, services) may import all. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  protocol: ['core'],
  training: ['core', 'protocol'],
  serving: ['core', 'protocol'],
  adapters: ['core', 'protocol', 'serving'],
  durable: ['core', 'protocol', 'serving/ports.ts', 'serving/ports'],
  http: ['core', 'protocol', 'serving'],
  queue: ['core', 'protocol', 'serving'],
  cli: ['core', 'training', 'protocol', 'serving', 'adapters', 'client'],
  beacon: ['protocol'],
  dashboard: ['protocol'],
  demo: ['protocol', 'dashboard'],
  'api-docs': [],
  client: ['core', 'protocol'],
}

/** Packages that do no I/O, read no clock and throw no dice: the only ones `core` may use. */
const PURE_PACKAGES: readonly string[] = ['@datadog/sketches-js']

const src = resolve(import.meta.dirname, '../../../src')

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => file.replaceAll('\\', '/'))

const importsOf = (file: string): string[] => {
  const text = readFileSync(join(src, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string)
}

/** A relative import as a path from src; undefined for a package. */
const target = (file: string, specifier: string): string | undefined =>
  specifier.startsWith('.') ? relative(src, resolve(src, dirname(file), specifier)).replaceAll('\\', '/') : undefined

describe('the rooms of src', () => {
  it('are all named in the plan', () => {
    const rooms = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0] as string))
    expect([...rooms].filter((room) => !Object.hasOwn(MAY_IMPORT, room))).toEqual([])
  })

  it('import inward only', () => {
    const broken = files.flatMap((file) => {
      const room = file.split('/')[0] as string
      const allowed = MAY_IMPORT[room]
      if (!file.includes('/') || allowed === undefined) return []
      return importsOf(file).flatMap((specifier) => {
        const to = target(file, specifier)
        if (to === undefined || to.startsWith('../') || to.startsWith(`${room}/`)) return []
        return allowed.some((prefix) => to === prefix || to.startsWith(`${prefix}/`)) ? [] : [`${file} imports ${to}`]
      })
    })
    expect(broken).toEqual([])
  })

  it('keep core to itself and a few pure packages', () => {
    const foreign = files
      .filter((file) => file.startsWith('core/'))
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => target(file, specifier) === undefined)
          .filter((specifier) => !PURE_PACKAGES.some((name) => specifier === name || specifier.startsWith(`${name}/`)))
          .map((specifier) => `${file} imports ${specifier}`),
      )
    expect(foreign).toEqual([])
  })

  it('have no import cycle', () => {
    const graph = new Map(
      files.map((file) => [file, importsOf(file).flatMap((specifier) => target(file, specifier) ?? [])] as const),
    )
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
        return
      }
      if (done.has(file)) return
      for (const next of graph.get(file) ?? []) visit(next, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })

  it('hold no file over 300 lines', () => {
    const long = files
      .filter((file) => !file.endsWith('zone-table.ts'))
      .map((file) => [file, readFileSync(join(src, file), 'utf8').split('\n').length] as const)
      .filter(([, lines]) => lines > 301)
    expect(long).toEqual([])
  })

  it('begin each file with what it is', () => {
    const silent = files.filter((file) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(join(src, file), 'utf8')))
    expect(silent).toEqual([])
  })
})
