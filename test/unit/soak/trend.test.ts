import { describe, expect, it } from 'vitest'
import { bendOf, growthOf, type Point, slopeOf } from '../../scale/soak-trend.ts'

const pointsOf = (count: number, y: (x: number) => number): Point[] =>
  Array.from({ length: count }, (_, x) => ({ x, y: y(x) }))

describe('the line through readings', () => {
  it('has the slope of points that lie on it', () => {
    expect(slopeOf(pointsOf(10, (x) => 7 + 3 * x))).toBe(3)
    expect(growthOf(pointsOf(11, (x) => 7 + 3 * x))).toBe(30)
  })

  it('is not bent by a few readings far off', () => {
    const points = pointsOf(20, (x) => (x % 5 === 4 ? 1_000 : x))
    expect(slopeOf(points)).toBeCloseTo(1, 1)
  })

  it('is flat where readings swing about a level', () => {
    expect(Math.abs(growthOf(pointsOf(40, (x) => 20 + Math.sin(x) * 4)))).toBeLessThan(2)
  })

  it('leaves out points at the same place, and is unknown with no two places', () => {
    expect(
      slopeOf([
        { x: 1, y: 2 },
        { x: 1, y: 9 },
        { x: 2, y: 4 },
        { x: 2, y: 11 },
      ]),
    ).toBe(2)
    expect(
      slopeOf([
        { x: 1, y: 2 },
        { x: 1, y: 9 },
      ]),
    ).toBeNaN()
    expect(growthOf([{ x: 1, y: 2 }])).toBeNaN()
  })
})

describe('the bend', () => {
  it('is 1 on a line, whatever its slope', () => {
    expect(bendOf(pointsOf(20, (x) => 5 * x))).toBe(1)
  })

  it('tells what grows faster and faster from what levels off', () => {
    expect(bendOf(pointsOf(40, (x) => x * x))).toBeGreaterThan(2)
    expect(bendOf(pointsOf(40, (x) => Math.min(x, 20)))).toBe(0)
  })
})
