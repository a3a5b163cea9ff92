import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { notesOf } from '../../../ops/deploy/changelog.ts'
import { DEFAULT_SETTINGS, type Evidence, judge, leastShare } from '../../../ops/deploy/judge.ts'
import { readState, readSteps, stateMessage, stateOf, whyNotGradual } from '../../../ops/deploy/state.ts'
import { answeredBy, overrideHeader } from '../../../ops/deploy/worker.ts'
import { readWanted } from '../../../src/cli/deploy/wanted.ts'

const moveOf = (evidence: Partial<Evidence>): string =>
  judge(
    {
      fresh: { events: 1_000, failed: 0 },
      before: { events: 9_000, failed: 0 },
      probes: { events: 20, failed: 0 },
      elapsedMilliseconds: DEFAULT_SETTINGS.bakeMilliseconds,
      ...evidence,
    },
    DEFAULT_SETTINGS,
  ).move

describe('the lower end of a share', () => {
  it('is that of Wilson, at 99 %', () => {
    // 0.05 of 1,000, z = 2.576, by the closed form.
    expect(leastShare({ events: 1_000, failed: 50 })).toBeCloseTo(0.035, 3)
    expect(leastShare({ events: 0, failed: 0 })).toBe(0)
    expect(leastShare({ events: 20, failed: 0 })).toBeCloseTo(0, 9)
  })
})

describe('a step', () => {
  it('goes on once it has baked clean, and not before', () => {
    expect(moveOf({})).toBe('go on')
    expect(moveOf({ elapsedMilliseconds: DEFAULT_SETTINGS.bakeMilliseconds - 1 })).toBe('wait')
  })

  it('is not rolled back for a single failure by chance', () => {
    expect(moveOf({ fresh: { events: 120, failed: 1 } })).toBe('go on')
    expect(moveOf({ probes: { events: 20, failed: 1 } })).toBe('go on')
  })

  it('is rolled back for failures that are surely too many, however few the events', () => {
    expect(moveOf({ fresh: { events: 10, failed: 4 }, elapsedMilliseconds: 0 })).toBe('roll back')
    expect(moveOf({ probes: { events: 20, failed: 4 }, elapsedMilliseconds: 0 })).toBe('roll back')
  })

  it('waits, and goes no further, while both versions are over the budget', () => {
    const both = { fresh: { events: 1_000, failed: 30 }, before: { events: 9_000, failed: 270 } }
    expect(moveOf(both)).toBe('wait')
    expect(moveOf({ ...both, elapsedMilliseconds: DEFAULT_SETTINGS.patienceMilliseconds })).toBe('roll back')
  })
})

describe('the state that code keeps', () => {
  const own = stateOf('v4', [{ tag: 'v4' }], [[['a'], ['b']], [['c']]])

  it('is read back from the message of a version, which is short enough', async () => {
    const wanted = await readWanted('wrangler.toml', 'production')
    const real = stateOf(wanted.migrationTag, wanted.migrations, await readSteps('src/durable'))
    expect(real.migrations).toMatch(/^v\d+ /)
    // A number for each of the objects' schemas.
    const schemas = readdirSync('src/durable').filter((file) => file.endsWith('-schema.ts'))
    expect(schemas.length).toBeGreaterThan(0)
    expect(real.schema.split(' ')[0]?.split('.')).toHaveLength(schemas.length)
    expect(stateMessage(real).length).toBeLessThanOrEqual(100)
    expect(readState(stateMessage(real))).toEqual(real)
    expect(readState('fix a thing')).toBeNull()
    expect(readState(undefined)).toBeNull()
  })

  it('may be deployed gradually beside the same', () => {
    expect(whyNotGradual(own, own)).toBeNull()
  })

  it.each([
    ['a new migration', stateOf('v5', [{ tag: 'v4' }, { tag: 'v5' }], [[['a'], ['b']], [['c']]])],
    ['a migration that changed under its tag', stateOf('v4', [{ tag: 'v4', x: 1 }], [[['a'], ['b']], [['c']]])],
    [
      'a new step',
      stateOf(
        'v4',
        [{ tag: 'v4' }],
        [
          [['a'], ['b']],
          [['c'], ['d']],
        ],
      ),
    ],
    ['a step that changed', stateOf('v4', [{ tag: 'v4' }], [[['a'], ['B']], [['c']]])],
  ])('may not beside %s', (_, changed) => {
    expect(whyNotGradual(own, changed)).toMatch(/changed from .* docs\/deploying\.md$/)
  })
})

describe('the notes of a version', () => {
  it('are those under its heading', () => {
    const text = '# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- a\n\n## [0.1.0]\n\n- b\n'
    expect(notesOf(text, '0.2.0')).toBe('### Added\n\n- a')
    expect(notesOf(text, '0.1.0')).toBe('- b')
    expect(notesOf(text, 'Unreleased')).toBeNull()
    expect(notesOf(text, '9.9.9')).toBeNull()
  })

  it('are there for the version in package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(notesOf(readFileSync('CHANGELOG.md', 'utf8'), version)).toMatch(/^### Added/)
  })
})

describe('a version of the code', () => {
  it('is named by a header in the form of a structured dictionary', () => {
    expect(overrideHeader('nearcast-production', 'abc')).toEqual({
      'cloudflare-workers-version-overrides': 'nearcast-production="abc"',
    })
  })

  it('is read from what the worker says of its build', () => {
    expect(answeredBy('# HELP x\nnearcast_build_info{version="0.1.0",code_version="abc"} 1\n')).toBe('abc')
    expect(answeredBy('')).toBeNull()
  })
})
