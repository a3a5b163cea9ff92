import { describe, expect, it } from 'vitest'
import { distanceOfCounts, kolmogorovSmirnovP } from '../../../src/core/drift/kolmogorov-smirnov.ts'
import { hourOfWeek } from '../../../src/core/profile/reference-profile.ts'
import { calendarAt } from '../../../src/core/time/calendar.ts'
import {
  allIn,
  FROM_THE_FIRST_HOUR,
  HOUR,
  hoursUntil,
  MONDAY,
  present,
  reportsOf,
  spread,
  verdicts,
  viewOf,
} from './small-profile.ts'

const HOURS = Array.from({ length: 24 }, (_, hour) => hour)
const hourField = {
  name: 'hour_of_day',
  kind: 'calendar',
  bins: { values: HOURS },
  counts: (slice: number) => allIn(25, slice % 24, 2000 + 100 * (slice % 24)),
} as const

/** Traffic with a daily rhythm, every event counted in the hour `ahead` of that in which it came. */
const hourOfDay = (until: number, hours: number, ahead: number) =>
  hoursUntil(until, hours, (startsAt) => {
    const { hourOfDay: hour } = calendarAt(startsAt)
    const size = Math.round(6000 + 2500 * Math.sin((hour / 24) * 2 * Math.PI))
    return { fields: { hour_of_day: present(allIn(25, (hour + ahead + 24) % 24, size)) } }
  })

describe('a field of the UTC clock', () => {
  it.each([1, 3, 12, 24, 40, 168])(
    'raises nothing over %i hours of daily rhythm, where the naive test does',
    (hours) => {
      const until = MONDAY + 20 * HOUR
      const blocks = hourOfDay(until, hours, 0)
      const reference = viewOf({ fields: [hourField] })
      const reports = reportsOf(reference, blocks, until, 'hour_of_day', FROM_THE_FIRST_HOUR)
      expect(Object.values(verdicts(reports))).toEqual(['stable', 'stable', 'stable'])
      expect(reports['7d'].shift?.effect).toEqual({ name: 'circular_wasserstein', value: 0, least: 0.06 })
      expect(reports['7d'].shift?.p).toBeCloseTo(1, 6)
      expect(reports['7d'].coverage).toBe(1)

      const current = HOURS.map((hour) => blocks.reduce((sum, block) => sum + block.fields.hour_of_day.counts[hour], 0))
      const trained = HOURS.map((hour) => reference.series[0].totals[hour])
      const size = (row: readonly number[]) => row.reduce((sum, count) => sum + count, 0)
      const naive = kolmogorovSmirnovP(distanceOfCounts(current, trained), size(current), size(trained))
      expect(naive).toBeLessThan(1e-6)
    },
  )

  it.each([3, -3, 12, 1])('shows a clock that is %i hours wrong within the hour', (ahead) => {
    const until = MONDAY + 2 * HOUR
    const reports = reportsOf(viewOf({ fields: [hourField] }), hourOfDay(until, 1, ahead), until, 'hour_of_day')
    expect(reports['1h'].causes).toEqual(['shape'])
    expect(reports['1h'].shift?.effect.value).toBeCloseTo(Math.abs(ahead) / 12, 12)
  })

  it('keeps quiet about a few events that come a little late', () => {
    const until = MONDAY + 10 * HOUR
    const blocks = hoursUntil(until, 168, (startsAt) => {
      const { hourOfDay: hour } = calendarAt(startsAt)
      const counts = HOURS.map((other) => (other === hour ? 9700 : other === (hour + 23) % 24 ? 300 : 0))
      return { fields: { hour_of_day: present([...counts, 0]) } }
    })
    const reports = reportsOf(viewOf({ fields: [hourField] }), blocks, until, 'hour_of_day')
    expect(Object.values(verdicts(reports))).toEqual(['stable', 'stable', 'stable'])
    expect(reports['1h'].shift?.p).toBeLessThan(1e-3)
  })

  it('is not compared in hours that training never saw, which is coverage', () => {
    const until = MONDAY + 12 * HOUR
    const daytime = {
      ...hourField,
      counts: (slice: number) => (slice % 24 < 6 ? allIn(25, 0, 0) : hourField.counts(slice)),
    }
    const blocks = hourOfDay(until, 12, 0)
    const reports = reportsOf(viewOf({ fields: [daytime] }), blocks, until, 'hour_of_day', FROM_THE_FIRST_HOUR)
    const of = (some: typeof blocks) =>
      some.reduce((sum, { fields }) => sum + fields.hour_of_day.counts.reduce((total, count) => total + count, 0), 0)
    expect(reports['24h'].coverage).toBeCloseTo(of(blocks.slice(6)) / of(blocks), 12)
    expect(reports['24h'].verdict).toBe('stable')
    const night = reportsOf(
      viewOf({ fields: [daytime] }),
      hourOfDay(MONDAY + 5 * HOUR, 3, 3),
      MONDAY + 5 * HOUR,
      'hour_of_day',
    )
    expect(night['24h']).toMatchObject({ verdict: 'no_data', coverage: 0, current: null, shift: null })
  })
})

describe('the day of the year', () => {
  const day = {
    name: 'day_of_year',
    kind: 'calendar',
    range: [1, 120],
    bins: { edges: [12.5, 36.5, 60.5, 84.5, 108.5] },
    counts: () => [1200, 2400, 2400, 2400, 2400, 1200],
  } as const
  const binOf = (value: number) => day.bins.edges.filter((edge) => value > edge).length
  const days = (until: number, ahead: number) =>
    hoursUntil(until, 168, (startsAt) => ({
      fields: { day_of_year: present(allIn(6, binOf(calendarAt(startsAt + ahead * 24 * HOUR).dayOfYear), 2000)) },
    }))

  it('is coverage, not drift, where training never saw it', () => {
    const reports = reportsOf(viewOf({ fields: [day] }), days(MONDAY, 0), MONDAY, 'day_of_year')
    expect(reports['7d']).toMatchObject({ verdict: 'stable', coverage: 0 })
    expect(reports['7d'].shift?.effect.value).toBeCloseTo(0, 9)
  })

  it('is neither on days that training saw, whatever part of the year a window holds', () => {
    const until = Date.UTC(2026, 1, 20)
    const reports = reportsOf(viewOf({ fields: [day] }), days(until, 0), until, 'day_of_year')
    expect(Object.values(verdicts(reports))).toEqual(['stable', 'stable', 'stable'])
    expect(reports['7d'].coverage).toBe(1)
  })

  it('drifts where events show days that are not those of the window', () => {
    const until = Date.UTC(2026, 1, 20)
    const reports = reportsOf(viewOf({ fields: [day] }), days(until, 48), until, 'day_of_year')
    expect(Object.values(verdicts(reports))).toEqual(['drifted', 'drifted', 'drifted'])
  })

  it('is judged day by day where the reference counts single days', () => {
    const single = { ...day, range: [1, 3] as const, bins: { values: [1, 2, 3] }, counts: () => [4000, 4000, 4000, 0] }
    const until = Date.UTC(2026, 0, 5)
    const blocks = hoursUntil(until, 96, (startsAt) => ({
      fields: { day_of_year: present(allIn(4, calendarAt(startsAt).dayOfYear - 1, 2000)) },
    }))
    expect(reportsOf(viewOf({ fields: [single] }), blocks, until, 'day_of_year')['7d']).toMatchObject({
      verdict: 'stable',
      coverage: 0.75,
    })
  })
})

describe('fields of the local clock', () => {
  /** Four zones whose shares follow the hour. */
  const OFFSETS = [-8, -7, -6, -5]
  const shares = (hour: number) => [2 + Math.sin(hour / 4), 1, 3, 4 + Math.cos(hour / 4)]
  const localHours = (hour: number, summer: number, size: number) => {
    const counts = new Array<number>(25).fill(0)
    for (const [zone, count] of spread(shares(hour + summer), size).entries())
      counts[(hour + OFFSETS[zone] + summer + 24) % 24] += count
    return counts
  }
  const local = {
    name: 'local_hour_of_day',
    kind: 'calendar',
    bins: { values: HOURS },
    counts: (slice: number) => localHours(slice % 24, 0, 5000),
  } as const
  const MINUTE_EDGES = [300.5, 480.5, 720.5, 1000.5, 1200.5]
  const minuteCounts = (byHour: readonly number[]): number[] => {
    const counts = new Array<number>(MINUTE_EDGES.length + 1).fill(0)
    for (let minute = 0; minute < 1440; minute++)
      counts[MINUTE_EDGES.filter((edge) => minute > edge).length] += byHour[Math.floor(minute / 60)] / 60
    return counts.map(Math.round)
  }
  const minutes = {
    name: 'local_minute_of_day',
    kind: 'calendar',
    range: [0, 1439],
    bins: { edges: MINUTE_EDGES },
    counts: (slice: number) => minuteCounts(localHours(slice % 24, 0, 5000)),
  } as const
  const offset = {
    name: 'utc_offset_hours',
    kind: 'discrete',
    range: [-8, -4],
    bins: { values: OFFSETS },
    counts: (slice: number) => [...spread(shares(slice % 24), 5000), 0],
  } as const

  const traffic = (summer: number, clock: number, until = MONDAY) =>
    hoursUntil(until, 168, (startsAt) => {
      const { hourOfDay: hour } = calendarAt(startsAt)
      const byHour = localHours((hour + clock) % 24, summer, 8000)
      const offsets = spread(shares(hour + summer), 8000)
      return {
        fields: {
          local_hour_of_day: present(byHour),
          utc_offset_hours: present(summer === 0 ? [...offsets, 0] : [0, ...offsets]),
        },
      }
    })
  const reference = viewOf({ fields: [local, offset] })

  it.each([
    ['winter, as in training', 0, MONDAY],
    ['summer, an hour on', 1, Date.UTC(2026, 6, 6)],
  ])('raise nothing in %s', (_, summer, until) => {
    for (const name of ['local_hour_of_day', 'utc_offset_hours'])
      expect(Object.values(verdicts(reportsOf(reference, traffic(summer, 0, until), until, name)))).toEqual([
        'stable',
        'stable',
        'stable',
      ])
  })

  it('show a clock that is three hours wrong', () => {
    expect(verdicts(reportsOf(reference, traffic(0, 3), MONDAY, 'local_hour_of_day'))['1h']).toBe('drifted')
  })

  it('are compared in wide bins, alike on both sides', () => {
    const wide = viewOf({ fields: [minutes] })
    const blocks = (clock: number) =>
      hoursUntil(MONDAY, 24, (startsAt) => {
        const hour = (calendarAt(startsAt).hourOfDay + clock) % 24
        return { fields: { local_minute_of_day: present(minuteCounts(localHours(hour, 0, 8000))) } }
      })
    expect(verdicts(reportsOf(wide, blocks(0), MONDAY, 'local_minute_of_day'))['24h']).toBe('stable')
    expect(verdicts(reportsOf(wide, blocks(3), MONDAY, 'local_minute_of_day'))['24h']).toBe('drifted')
  })

  it('cannot be compared with a reference that knows no hours', () => {
    const one = viewOf({ fields: [local], byHour: false })
    expect(reportsOf(one, traffic(0, 0), MONDAY, 'local_hour_of_day')['7d']).toMatchObject({
      verdict: 'no_data',
      coverage: 0,
    })
  })
})

it('hours of the week are those of receipt', () => {
  expect(hourOfWeek(MONDAY)).toBe(0)
  expect(hourOfWeek(MONDAY - HOUR)).toBe(167)
})
