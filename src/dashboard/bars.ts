/** Small drawings: two distributions side by side, and how often what was foretold came true. */
import { draw } from './elements.ts'

const WIDTH = 320
const HEIGHT = 90

export interface TwoDistributions {
  /** Shares by bin, in [0, 1]. */
  readonly current: readonly number[]
  readonly reference: readonly number[]
  /** What the drawing says, in words. */
  readonly words: string
}

/** Bars of the window before the bars of the reference, on one scale. */
export const distributions = ({ current, reference, words }: TwoDistributions): SVGElement => {
  const most = Math.max(...current, ...reference, Number.MIN_VALUE)
  const step = WIDTH / Math.max(current.length, reference.length, 1)
  const bars = (shares: readonly number[], kind: string, offset: number): SVGElement[] =>
    shares.map((share, bin) => {
      const height = (share / most) * HEIGHT
      const x = bin * step + offset * step
      return draw('rect', { class: kind, x, y: HEIGHT - height, width: step * 0.44, height })
    })
  return draw(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': words, class: 'bars', preserveAspectRatio: 'none' },
    ...bars(reference, 'reference', 0.04),
    ...bars(current, 'current', 0.5),
  )
}

export interface Calibrated {
  /** Both in [0, 1]. */
  readonly predicted: number
  readonly observed: number
  readonly outcomes: number
}

/** On the diagonal what was foretold happened as often as foretold. */
export const calibrationCurve = (groups: readonly Calibrated[], words: string): SVGElement => {
  const most = Math.max(...groups.map(({ outcomes }) => outcomes), 1)
  const y = (share: number): number => 200 - share * 200
  const path = groups.map(
    ({ predicted, observed }, place) => `${place === 0 ? 'M' : 'L'}${predicted * 200} ${y(observed)}`,
  )
  return draw(
    'svg',
    { viewBox: '-6 -6 212 212', role: 'img', 'aria-label': words, class: 'calibration' },
    draw('rect', { class: 'frame', x: 0, y: 0, width: 200, height: 200 }),
    draw('line', { class: 'diagonal', x1: 0, y1: 200, x2: 200, y2: 0 }),
    draw('path', { class: 'curve', d: path.join(' ') }),
    ...groups.map(({ predicted, observed, outcomes }) =>
      draw('circle', { class: 'group', cx: predicted * 200, cy: y(observed), r: 2 + 4 * Math.sqrt(outcomes / most) }),
    ),
  )
}
