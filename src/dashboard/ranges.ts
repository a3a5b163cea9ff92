/** The range that is shown: chosen by the reader, kept in the address. */
import type { StatisticsSeries } from '../protocol/series.ts'
import type { StatisticsAnswer } from '../protocol/statistics.ts'

export type Range = StatisticsSeries['range']

interface RangeSettings {
  /** Between two questions, milliseconds. */
  readonly every: number
  /** The window whose accuracy is shown beside it. */
  readonly window: StatisticsAnswer['window']
}

export const RANGES: Readonly<Record<Range, RangeSettings>> = {
  '5m': { every: 2_500, window: '5m' },
  '1h': { every: 5_000, window: '1h' },
  '24h': { every: 30_000, window: '24h' },
  '7d': { every: 60_000, window: '7d' },
  '30d': { every: 120_000, window: '7d' },
}

const isRange = (text: string): text is Range => Object.hasOwn(RANGES, text)

/** `onChange` is called when the reader has chosen another. */
export const startRanges = (onChange: () => void): (() => Range) => {
  const inputs = [...document.querySelectorAll<HTMLInputElement>('input[name=range]')]
  const asked = location.hash.slice(1)
  let range: Range = isRange(asked) ? asked : '5m'
  for (const input of inputs) {
    input.checked = input.value === range
    input.addEventListener('change', () => {
      if (!input.checked || !isRange(input.value)) return
      range = input.value
      history.replaceState(null, '', `#${range}`)
      onChange()
    })
  }
  return () => range
}
