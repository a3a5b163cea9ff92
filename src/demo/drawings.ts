/** Bars, each beside its own words, so that nothing is told by its length alone. */
import { draw, make } from '../dashboard/elements.ts'

export interface Bar {
  readonly label: string
  /** What the bar stands for, in words. */
  readonly words: string
  readonly value: number
}

const WIDTH = 200
const HEIGHT = 14

/** One row a bar: its name, the bar, its words. Values below zero go to the left of the middle. */
export const barTable = (caption: string, bars: readonly Bar[]): HTMLElement => {
  const most = Math.max(...bars.map(({ value }) => Math.abs(value)), Number.MIN_VALUE)
  const isSigned = bars.some(({ value }) => value < 0)
  const zero = isSigned ? WIDTH / 2 : 0
  const scale = (isSigned ? WIDTH / 2 : WIDTH) / most
  const row = ({ label, words, value }: Bar): HTMLElement => {
    const length = Math.abs(value) * scale
    const bar = draw(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'bar', 'aria-hidden': 'true', preserveAspectRatio: 'none' },
      draw('rect', {
        class: value < 0 ? 'less' : 'more',
        x: value < 0 ? zero - length : zero,
        y: 2,
        width: length,
        height: HEIGHT - 4,
      }),
      draw('line', { class: 'zero', x1: zero, y1: 0, x2: zero, y2: HEIGHT }),
    )
    return make(
      'tr',
      {},
      make('th', { scope: 'row' }, label),
      make('td', { class: 'of-bar' }, bar),
      make('td', {}, words),
    )
  }
  return make('table', {}, make('caption', {}, caption), make('tbody', {}, ...bars.map(row)))
}

/** A line of points, evenly spaced; `null` is a gap. */
export const sparkline = (values: readonly (number | null)[], words: string): SVGElement => {
  const most = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE)
  const step = 600 / Math.max(values.length - 1, 1)
  let isOpen = false
  const path = values
    .map((value, index) => {
      if (value === null) {
        isOpen = false
        return ''
      }
      const command = isOpen ? 'L' : 'M'
      isOpen = true
      return `${command}${(index * step).toFixed(1)} ${(58 - (value / most) * 56).toFixed(1)}`
    })
    .join('')
  return draw(
    'svg',
    { viewBox: '0 0 600 60', role: 'img', 'aria-label': words, class: 'spark', preserveAspectRatio: 'none' },
    draw('path', { d: path, class: 'line' }),
  )
}
