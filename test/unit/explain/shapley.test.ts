import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FieldGroup, fieldGroups } from '../../../src/core/explain/field-groups.ts'
import { coalitionRows, coalitionWorths, shapleyValues } from '../../../src/core/explain/shapley.ts'

type Model = (row: readonly number[]) => number

const groupsOf = (...columns: readonly number[][]): readonly FieldGroup[] =>
  columns.map((group, index) => ({ name: `g${index}`, columns: group }))

/** As the product does it: all rows at once, then their means, then the values. */
const explained = (
  model: Model,
  row: readonly number[],
  background: readonly number[][],
  groups: readonly FieldGroup[],
) => {
  const rows = coalitionRows(row, background, groups)
  const predicted = Array.from({ length: rows.length / row.length }, (_, index) =>
    model(Array.from(rows.subarray(index * row.length, (index + 1) * row.length))),
  )
  const worths = coalitionWorths(predicted, background.length)
  return { base: worths[0], values: shapleyValues(worths, groups.length) }
}

const orders = (items: readonly number[]): readonly (readonly number[])[] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item) => orders(items.filter((other) => other !== item)).map((rest) => [item, ...rest]))

/** By the definition: the mean, over all orders in which groups may join, of what each adds. One background row and one prediction at a time. */
const bruteForce = (
  model: Model,
  row: readonly number[],
  background: readonly number[][],
  groups: readonly FieldGroup[],
) => {
  const worth = (members: ReadonlySet<number>): number =>
    background.reduce((sum, other) => {
      const mixed = row.map((value, column) => {
        const group = groups.findIndex(({ columns }) => columns.includes(column))
        return group === -1 || members.has(group) ? value : other[column]
      })
      return sum + model(mixed)
    }, 0) / background.length
  const all = orders(groups.map((_, index) => index))
  const values = groups.map(() => 0)
  for (const order of all) {
    const members = new Set<number>()
    for (const group of order) {
      const before = worth(members)
      members.add(group)
      values[group] += (worth(members) - before) / all.length
    }
  }
  return { base: worth(new Set()), values }
}

const value = fc.double({ min: -3, max: 3, noNaN: true })
const rowOf = (width: number) => fc.array(value, { minLength: width, maxLength: width })
/** Models with interactions of two and three columns, and with edges. */
const anyModel = fc.array(fc.tuple(value, fc.nat(6), fc.nat(6), fc.nat(6), value), { minLength: 1, maxLength: 8 }).map(
  (terms): Model =>
    (row) => {
      const at = (column: number): number => row[column % row.length]
      return terms.reduce(
        (sum, [weight, a, b, c, edge]) =>
          sum + weight * at(a) * at(b) + (at(c) > edge ? weight : Math.sin(at(a) * at(c))),
        0,
      )
    },
)

const LAYOUTS = [
  groupsOf([0]),
  groupsOf([0, 2], [1]),
  groupsOf([0], [1], [2], [3]),
  groupsOf([0, 4], [1, 3], [2], [5], [6]),
]

describe('exact Shapley values', () => {
  it.each(LAYOUTS.map((groups) => [groups.length, groups] as const))(
    'of %i groups are those of brute force',
    (_, groups) => {
      const width = 7
      fc.assert(
        fc.property(
          anyModel,
          rowOf(width),
          fc.array(rowOf(width), { minLength: 1, maxLength: 4 }),
          (model, row, background) => {
            const exact = explained(model, row, background, groups)
            const brute = bruteForce(model, row, background, groups)
            expect(exact.base).toBeCloseTo(brute.base, 9)
            for (const [index, one] of exact.values.entries()) expect(one).toBeCloseTo(brute.values[index], 9)
          },
        ),
        { numRuns: 60 },
      )
    },
  )

  it('sum, with the base, to the prediction, and give nothing to what the model does not read', () => {
    const model: Model = ([a, b]) => 3 * a * b + b
    const { base, values } = explained(
      model,
      [1, 2, 9],
      [
        [0, 0, 0],
        [1, -1, 4],
      ],
      groupsOf([0], [1], [2]),
    )
    expect(base + values.reduce((sum, one) => sum + one, 0)).toBeCloseTo(model([1, 2, 9]), 12)
    expect(values[2]).toBeCloseTo(0, 12)
  })

  it('of a sum are the weighted distances from the mean of the background', () => {
    const model: Model = ([a, b]) => 2 * a - 5 * b
    const { values } = explained(
      model,
      [3, 1],
      [
        [1, 0],
        [2, 4],
      ],
      groupsOf([0], [1]),
    )
    expect(values[0]).toBeCloseTo(2 * (3 - 1.5), 12)
    expect(values[1]).toBeCloseTo(-5 * (1 - 2), 12)
  })

  it('of twelve groups are exact too', () => {
    const weights = Array.from({ length: 12 }, (_, index) => index + 1)
    const model: Model = (row) => row.reduce((sum, one, column) => sum + one * weights[column], 0)
    const groups = groupsOf(...weights.map((_, column) => [column]))
    const { values } = explained(
      model,
      weights.map(() => 1),
      [weights.map(() => 0)],
      groups,
    )
    for (const [index, one] of values.entries()) expect(one).toBeCloseTo(weights[index], 9)
  })

  it('leave columns of no group as the event has them', () => {
    const rows = coalitionRows([5, 6], [[1, 2]], groupsOf([0]))
    expect(Array.from(rows)).toEqual([1, 6, 5, 6])
  })
})

describe('groups of fields', () => {
  it('join local and UTC fields of a cycle, and all that is known of the zip', () => {
    const fields = [
      { name: 'hour_of_day', source: 'time' },
      { name: 'local_day_of_week', source: 'local_time' },
      { name: 'latitude', source: 'zip' },
      { name: 'local_minute_of_day', source: 'local_time' },
      { name: 'cart_value', source: 'event' },
      { name: 'utc_offset_hours', source: 'local_time' },
      { name: 'distance_km', source: 'distance' },
      { name: 'day_of_week', source: 'time' },
      { name: 'income', source: 'zip' },
    ] as const
    expect(fieldGroups(fields)).toEqual([
      { name: 'time_of_day', columns: [0, 3] },
      { name: 'day_of_week', columns: [1, 7] },
      { name: 'zip', columns: [2, 5, 8] },
      { name: 'cart_value', columns: [4] },
      { name: 'distance_km', columns: [6] },
    ])
  })
})
