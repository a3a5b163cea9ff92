/** A chart of lines along the time line, with its legend, its gaps and marks, and the same as words and as a table. */
import uPlot from 'uplot'
import { drawGaps, drawMarks, type Mark } from './chart-layers.ts'
import { type Palette, paletteOf } from './colors.ts'
import { byId, make, say, table } from './elements.ts'
import type { Lines } from './lines.ts'
import { axisWords, momentWords } from './words.ts'

export interface ChartSettings {
  /** Of the section of the page that holds it. */
  readonly id: string
  /** What is drawn, as the sentence begins that stands for the chart. */
  readonly title: string
  /** A value as people read it, on the axis, in the legend and in the table. */
  readonly words: (value: number) => string
  /** What to say while there is nothing to draw. */
  readonly nothing: string
}

export interface ChartFrame {
  /** Epoch milliseconds. */
  readonly from: number
  readonly to: number
  readonly marks: readonly Mark[]
}

const HEIGHT = 220
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3]]
const NOWHERE = '–'

const lastOf = (values: readonly (number | null)[]): number | null => values.findLast((value) => value !== null) ?? null

export class Chart {
  readonly #plot: HTMLElement
  readonly #legend: HTMLElement
  readonly #words: HTMLElement
  readonly #tableBox: HTMLElement
  readonly #toggle: HTMLButtonElement
  #chart: uPlot | null = null
  /** What a chart is made for: of other lines it is made anew. */
  #madeFor = ''
  #shown: { readonly lines: Lines; readonly frame: ChartFrame } | null = null
  #isTable = false

  constructor(private readonly settings: ChartSettings) {
    const box = byId(settings.id)
    this.#plot = make('div', { class: 'plot', 'aria-hidden': 'true' })
    this.#legend = make('ul', { class: 'legend', 'aria-hidden': 'true' })
    this.#words = make('figcaption', {}, 'Waiting for the first answer.')
    this.#tableBox = make('div', { id: `${settings.id}-table`, hidden: '' })
    this.#toggle = make(
      'button',
      { type: 'button', 'aria-expanded': 'false', 'aria-controls': `${settings.id}-table` },
      'Show as table',
    )
    this.#toggle.addEventListener('click', () => this.#turnTable())
    box.append(make('figure', {}, this.#plot, this.#legend, this.#words, this.#toggle, this.#tableBox))
    new ResizeObserver(() => this.#resize()).observe(this.#plot)
  }

  show(lines: Lines, frame: ChartFrame): void {
    this.#shown = { lines, frame }
    const key = JSON.stringify(lines.lines.map(({ label, dash, color }) => [label, dash, color]))
    if (this.#chart === null || key !== this.#madeFor) this.#make(lines, key)
    else this.#chart.setData(this.#data(lines), false)
    this.#chart?.setScale('x', { min: frame.from, max: frame.to })
    this.#say()
  }

  /** Draws anew, in the colours the page has now. */
  redraw(): void {
    if (this.#shown === null) return
    this.#madeFor = ''
    this.show(this.#shown.lines, this.#shown.frame)
  }

  #data({ times, lines }: Lines): uPlot.AlignedData {
    return [[...times], ...lines.map(({ values }) => [...values])]
  }

  #make(lines: Lines, key: string): void {
    this.#chart?.destroy()
    this.#madeFor = key
    const palette = paletteOf(this.#plot)
    this.#chart = new uPlot(this.#options(lines, palette), this.#data(lines), this.#plot)
    this.#legend.replaceChildren(
      ...lines.lines.map(({ label, dash, color }) => {
        const swatch = make('span', { class: 'swatch' })
        swatch.style.borderTopColor = palette.line(color)
        swatch.style.borderTopStyle = dash === 0 ? 'solid' : dash === 1 ? 'dashed' : 'dotted'
        return make('li', {}, swatch, `${label} `, make('span', { class: 'value' }))
      }),
    )
  }

  #options({ lines }: Lines, palette: Palette): uPlot.Options {
    const axis = {
      stroke: palette.text,
      grid: { stroke: palette.grid, width: 1 },
      ticks: { stroke: palette.grid, width: 1 },
    }
    return {
      width: this.#width,
      height: HEIGHT,
      ms: 1,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { time: true, auto: false }, y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] } },
      axes: [
        { ...axis, space: 70, values: (_, splits, __, ___, step) => splits.map((at) => axisWords(at, step)) },
        { ...axis, size: 64, values: (_, splits) => splits.map((split) => this.settings.words(split)) },
      ],
      series: [
        {},
        ...lines.map(
          ({ label, dash, color }): uPlot.Series => ({
            label,
            stroke: palette.line(color),
            width: 2,
            dash: [...(DASHES[dash] ?? [])],
            spanGaps: false,
            points: {
              show: lines.length * (this.#shown?.lines.times.length ?? 0) < 200,
              size: 4,
              fill: palette.line(color),
            },
          }),
        ),
      ],
      hooks: {
        drawClear: [(chart) => drawGaps(chart, this.#shown?.lines.gaps ?? [], palette)],
        draw: [(chart) => drawMarks(chart, this.#shown?.frame.marks ?? [], palette)],
        setCursor: [(chart) => this.#sayValues(chart.cursor.idx ?? null)],
      },
    }
  }

  get #width(): number {
    return Math.max(120, Math.floor(this.#plot.clientWidth))
  }

  #resize(): void {
    if (this.#chart !== null && this.#chart.width !== this.#width)
      this.#chart.setSize({ width: this.#width, height: HEIGHT })
  }

  /** The values at the cursor, else the last ones. */
  #sayValues(index: number | null): void {
    const { lines = [] } = this.#shown?.lines ?? {}
    for (const [place, item] of [...this.#legend.querySelectorAll<HTMLElement>('.value')].entries()) {
      const values = lines[place]?.values ?? []
      const value = index === null ? lastOf(values) : values[index]
      say(item, value === null || value === undefined ? NOWHERE : this.settings.words(value))
    }
  }

  #say(): void {
    if (this.#shown === null) return
    const { lines, frame } = this.#shown
    const { title, words, nothing } = this.settings
    const gaps = lines.gaps.map(([from, to]) => `${momentWords(from)} to ${momentWords(to)}`)
    const told = lines.lines.map(({ label, values }) => {
      const known = values.filter((value) => value !== null)
      const last = known.at(-1)
      return last === undefined ? `${label}: unknown` : `${label}: ${words(last)}, at most ${words(Math.max(...known))}`
    })
    const unknown = gaps.length === 0 ? [] : [`Nothing is known of ${gaps.join(', ')}`]
    say(this.#words, `${[told.length === 0 ? nothing : `${title}. ${told.join('; ')}`, ...unknown].join('. ')}.`)
    this.#plot.dataset.points = String(
      lines.lines.reduce((sum, { values }) => sum + values.filter((v) => v !== null).length, 0),
    )
    this.#plot.dataset.gaps = String(lines.gaps.length)
    this.#plot.dataset.marks = String(frame.marks.length)
    this.#sayValues(this.#chart?.cursor.idx ?? null)
    if (this.#isTable) this.#fillTable()
  }

  #turnTable(): void {
    this.#isTable = !this.#isTable
    this.#toggle.setAttribute('aria-expanded', String(this.#isTable))
    say(this.#toggle, this.#isTable ? 'Hide the table' : 'Show as table')
    this.#tableBox.hidden = !this.#isTable
    if (this.#isTable) this.#fillTable()
  }

  #fillTable(): void {
    if (this.#shown === null) return
    const { times, lines } = this.#shown.lines
    const scrolled = this.#tableBox.querySelector('.scroll')?.scrollTop ?? 0
    const rows = times.map((at, index) => ({
      head: momentWords(at),
      cells: lines.map(({ values }) => {
        const value = values[index]
        return value === null || value === undefined ? 'not known' : this.settings.words(value)
      }),
    }))
    const filled = table(
      `${this.settings.title}, newest first`,
      ['time', ...lines.map(({ label }) => label)],
      rows.reverse(),
    )
    const wasFocused = this.#tableBox.contains(document.activeElement)
    this.#tableBox.replaceChildren(filled)
    filled.scrollTop = scrolled
    if (wasFocused) filled.focus()
  }
}
