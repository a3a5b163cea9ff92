import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expositionText } from '../../../src/core/prometheus.ts'
import { readExposition } from '../../support/exposition.ts'

const anyLabels = fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/), fc.string({ unit: 'grapheme' }), {
  maxKeys: 4,
  noNullPrototype: true,
})

describe('the text format', () => {
  it('is what Prometheus documents', () => {
    const text = expositionText([
      {
        name: 'nearcast_x_total',
        type: 'counter',
        help: 'One\nline \\ "quoted"',
        samples: [
          { labels: { code: 'a"b\\c\nd' }, value: 3 },
          { labels: {}, value: 0.5 },
        ],
      },
      {
        name: 'nearcast_y_seconds',
        type: 'histogram',
        help: 'Time.',
        samples: [{ labels: { model: 'm' }, bounds: [0.0005, 0.1, 1], counts: [16, 0, 32, 16], sum: 40.25 }],
      },
      { name: 'nearcast_nothing', type: 'gauge', help: 'No series.', samples: [] },
    ])
    expect(text).toBe(`# HELP nearcast_x_total One\\nline \\\\ "quoted"
# TYPE nearcast_x_total counter
nearcast_x_total{code="a\\"b\\\\c\\nd"} 3
nearcast_x_total 0.5
# HELP nearcast_y_seconds Time.
# TYPE nearcast_y_seconds histogram
nearcast_y_seconds_bucket{model="m",le="0.0005"} 16
nearcast_y_seconds_bucket{model="m",le="0.1"} 16
nearcast_y_seconds_bucket{model="m",le="1"} 48
nearcast_y_seconds_bucket{model="m",le="+Inf"} 64
nearcast_y_seconds_sum{model="m"} 40.25
nearcast_y_seconds_count{model="m"} 64
`)
  })

  it('gives back every label and value, whatever they are', () => {
    const value = fc.double()
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(anyLabels, value), {
          selector: ([labels]) => JSON.stringify(Object.entries(labels).sort()),
        }),
        (series) => {
          const samples = series.map(([labels, one]) => ({ labels, value: one }))
          const read = readExposition(expositionText([{ name: 'x', type: 'gauge', help: 'h', samples }]))
          expect(read.samples.map(({ labels, value: one }) => ({ labels, value: one === 0 ? 0 : one }))).toEqual(
            samples.map(({ labels, value: one }) => ({ labels, value: one === 0 ? 0 : one })),
          )
        },
      ),
    )
  })

  it('writes buckets that never fall, end at +Inf, and add up to the count', () => {
    const anyHistogram = fc.uniqueArray(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 40 }).chain((bounds) =>
      fc.record({
        bounds: fc.constant(bounds.map((bound) => bound / 1e5).sort((a, b) => a - b)),
        counts: fc.array(fc.nat(), { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
        sum: fc.nat(),
      }),
    )
    fc.assert(
      fc.property(anyHistogram, ({ bounds, counts, sum }) => {
        const family = {
          name: 'x',
          type: 'histogram',
          help: 'h',
          samples: [{ labels: {}, bounds, counts, sum }],
        } as const
        const read = readExposition(expositionText([family]))
        const buckets = read.samples.filter(({ name }) => name === 'x_bucket')
        const values = buckets.map(({ value }) => value)
        expect(values).toEqual([...values].sort((a, b) => a - b))
        expect(buckets.map(({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity')))).toEqual([
          ...bounds,
          Number.POSITIVE_INFINITY,
        ])
        const whole = counts.reduce((a, b) => a + b, 0)
        expect([values.at(-1), read.value('x_count'), read.value('x_sum')]).toEqual([whole, whole, sum])
      }),
    )
  })

  it.each([
    ['metric', () => expositionText([{ name: '1x', type: 'gauge', help: '', samples: [] }])],
    [
      'label',
      () => expositionText([{ name: 'x', type: 'gauge', help: '', samples: [{ labels: { 'a-b': '' }, value: 1 }] }]),
    ],
  ])('refuses what is no name of a %s', (what, write) => {
    expect(write).toThrow(new RegExp(`no name of a ${what}`))
  })
})
