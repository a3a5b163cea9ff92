import { describe, expect, it } from 'vitest'
import { eventMaker } from '../../scale/soak-events.ts'
import { createPlanner, LARGE_KIND, type Planned } from '../../scale/soak-plan.ts'

const ZIPS = ['94107', '00501', '10001']
const NOW = 1_764_000_000_000

const plan = (seed: number, count: number, isHeldBack = false): Planned[] => {
  const planner = createPlanner({
    seed,
    makeEvents: (random) => eventMaker(random, ZIPS, NOW, 'run'),
    zips: ZIPS,
    tokens: { admin: 'a', read: 'r', write: 'w' },
    model: 'late-arrival',
    version: '1.0.0',
    day: () => '2026-11-25',
    seen: { mendable: ['m'], letters: ['l'], objects: ['o'] },
  })
  return Array.from({ length: count }, () => planner.next(isHeldBack))
}

describe('the requests of the soak', () => {
  it('are the same for the same seed', () => {
    expect(plan(3, 200)).toEqual(plan(3, 200))
    expect(plan(3, 200)).not.toEqual(plan(4, 200))
  })

  it('are of every kind before long', () => {
    const kinds = new Set(plan(1, 20_000).map(({ kind }) => kind))
    expect(kinds.size).toBe(43)
    expect(kinds).toContain(LARGE_KIND)
  })

  it('bring each event under a key of its own, but for those that are sent again', () => {
    const seen = new Set<number>()
    for (const { kind, events } of plan(2, 3_000)) {
      if (events === undefined || kind === 'events: sent again') continue
      for (let key = events.first; key < events.first + events.count; key++) {
        expect(seen.has(key)).toBe(false)
        seen.add(key)
      }
    }
    expect(seen.size).toBeGreaterThan(10_000)
  })

  it('send again only what is known by an id or its content', () => {
    for (const { kind, body } of plan(5, 3_000)) if (kind === 'events: sent again') expect(body).not.toContain('"now"')
  })

  it('bring no events while they are held back', () => {
    expect(plan(1, 1_000, true).filter(({ group }) => group === 'events')).toEqual([])
  })
})
