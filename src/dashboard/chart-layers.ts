/** What stands behind and over the lines of a chart: stretches of which nothing is known, and changes of releases. */
import type uPlot from 'uplot'
import type { Palette } from './colors.ts'

export interface Mark {
  /** Epoch milliseconds. */
  readonly at: number
  readonly label: string
}

/** Hatched from top to bottom: no line, and not an empty place either. */
export const drawGaps = (chart: uPlot, gaps: readonly (readonly [number, number])[], { text }: Palette): void => {
  const { ctx, bbox } = chart
  ctx.save()
  ctx.beginPath()
  for (const [from, to] of gaps) {
    const left = Math.max(bbox.left, chart.valToPos(from, 'x', true))
    const right = Math.min(bbox.left + bbox.width, chart.valToPos(to, 'x', true))
    if (right > left) ctx.rect(left, bbox.top, right - left, bbox.height)
  }
  ctx.clip()
  ctx.globalAlpha = 0.25
  ctx.strokeStyle = text
  ctx.lineWidth = 1
  ctx.beginPath()
  if (gaps.length > 0) {
    for (let x = bbox.left - bbox.height; x < bbox.left + bbox.width; x += 10) {
      ctx.moveTo(x, bbox.top + bbox.height)
      ctx.lineTo(x + bbox.height, bbox.top)
    }
  }
  ctx.stroke()
  ctx.restore()
}

export const drawMarks = (chart: uPlot, marks: readonly Mark[], { text }: Palette): void => {
  const { ctx, bbox } = chart
  ctx.save()
  ctx.strokeStyle = text
  ctx.fillStyle = text
  ctx.setLineDash([4, 4])
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`
  let free = Number.NEGATIVE_INFINITY
  for (const { at, label } of marks) {
    const x = Math.round(chart.valToPos(at, 'x', true))
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    const width = ctx.measureText(label).width
    const start = Math.min(x + 4, bbox.left + bbox.width - width)
    // A label that would lie over the last one is left to the list of releases.
    if (start < free) continue
    ctx.fillText(label, start, bbox.top + 12 * devicePixelRatio)
    free = start + width + 8
  }
  ctx.restore()
}
