/** The life of an alert, by example and for any course of conditions. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ActiveAlert, advanceAlerts, alertKey } from '../../../src/core/alerts/advance.ts'
import type { Condition, Conditions } from '../../../src/core/alerts/conditions.ts'

const LIMITS = { cleanMilliseconds: 60_000, active: 3 }
const zips: Condition = { name: 'NearcastUnknownZips', severity: 'ticket', labels: {}, value: 0.3 }
const burn: Condition = { name: 'NearcastErrorBudgetBurn', severity: 'page', labels: { window: '1h' }, value: 0.1 }
const drift = (series: string): Condition => ({
  name: 'NearcastDrift',
  severity: 'ticket',
  labels: { series },
  value: 1,
})
const holds = (...holding: Condition[]): Conditions => ({ holding, unknown: [] })

/** The transitions of a course of conditions, one a number of seconds. */
const course = (steps: readonly (readonly [seconds: number, Conditions])[]): string[] => {
  let active: readonly ActiveAlert[] = []
  return steps.flatMap(([seconds, conditions]) => {
    const next = advanceAlerts(active, conditions, seconds * 1000, LIMITS)
    active = next.active
    return next.transitions.map(({ name, to }) => `${seconds} ${name} ${to}`)
  })
}

test('an alert is pending until its condition has held for its time', () => {
  expect(
    course([
      [0, holds(zips)],
      [299, holds(zips)],
      [300, holds(zips)],
    ]),
  ).toEqual(['300 NearcastUnknownZips firing'])
  expect(
    course([
      [0, holds(zips)],
      [299, holds()],
      [300, holds(zips)],
      [599, holds(zips)],
    ]),
  ).toEqual([])
})

test('one that comes and goes rings once, and is resolved when it stays away', () => {
  const flapping = [0, 10, 20, 30].map((at) => [at, at % 20 === 0 ? holds(burn) : holds()] as const)
  expect(course([...flapping, [89, holds()], [90, holds()]])).toEqual([
    '0 NearcastErrorBudgetBurn firing',
    '90 NearcastErrorBudgetBurn resolved',
  ])
})

test('what is unknown neither resolves nor fires', () => {
  const unknown: Conditions = { holding: [], unknown: [{ name: 'NearcastErrorBudgetBurn', labels: { window: '1h' } }] }
  expect(
    course([
      [0, holds(burn)],
      [10, holds()],
      [1000, unknown],
      [1001, holds()],
      [1060, holds()],
    ]),
  ).toEqual(['0 NearcastErrorBudgetBurn firing'])
  expect(
    course([
      [0, holds(zips)],
      [600, { holding: [], unknown: [{ name: 'NearcastUnknownZips' }] }],
    ]),
  ).toEqual([])
})

test('tickets beyond the limit wait, a page does not', () => {
  const { active } = advanceAlerts([], holds(...['a', 'b', 'c', 'd'].map(drift), burn), 0, LIMITS)
  expect(active.map(({ name }) => name)).toEqual([...Array(3).fill('NearcastDrift'), 'NearcastErrorBudgetBurn'])
})

test('for any course: one alert a key, bounded, firing and resolved in turn', () => {
  const all = [zips, burn, drift('a'), drift('b'), drift('c'), drift('d')]
  const step = fc.record({
    seconds: fc.integer({ min: 1, max: 400 }),
    holding: fc.subarray(all),
    unknown: fc.subarray(all.map(({ name, labels }) => ({ name, labels }))),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let [active, now] = [[] as readonly ActiveAlert[], 0]
      const firing = new Set<string>()
      for (const { seconds, holding, unknown } of steps) {
        now += seconds * 1000
        const next = advanceAlerts(active, { holding, unknown }, now, LIMITS)
        active = next.active
        for (const transition of next.transitions) {
          const key = alertKey(transition)
          expect(firing.has(key)).toBe(transition.to === 'resolved')
          if (transition.to === 'firing') firing.add(key)
          else firing.delete(key)
        }
        expect(new Set(active.map(alertKey)).size).toBe(active.length)
        expect(active.length).toBeLessThanOrEqual(LIMITS.active + 1)
        expect(new Set(active.filter(({ state }) => state === 'firing').map(alertKey))).toEqual(firing)
      }
    }),
  )
})
