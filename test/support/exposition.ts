/** Reads the Prometheus text format back, strictly: what is no line of it throws. */

export interface ReadSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ReadMetrics {
  /** By metric: its type and its help. */
  readonly families: ReadonlyMap<string, { readonly type: string; readonly help: string }>
  readonly samples: readonly ReadSample[]
  /** The value of the one series of that name with exactly these labels, in any order; undefined where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined
  /** By series, written as name and sorted labels. */
  readonly series: ReadonlyMap<string, number>
}

const UNESCAPED: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\"': '"' }
const unescaped = (text: string): string => text.replace(/\\[\\n"]/g, (pair) => UNESCAPED[pair] as string)

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^\n]*)\})? (\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/y

const readLabels = (text: string): Record<string, string> => {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text)
    if (match === null) throw new Error(`these are no labels: ${text}`)
    labels[match[1] as string] = unescaped(match[2] as string)
  }
  return labels
}

const readValue = (text: string): number => {
  const value = Number(text.replace(/^([+-])Inf$/, '$1Infinity'))
  if (Number.isNaN(value) && text !== 'NaN') throw new Error(`${text} is no value`)
  return value
}

export const seriesKey = (name: string, labels: Readonly<Record<string, string>>): string =>
  `${name} ${JSON.stringify(Object.entries(labels).sort())}`

export const readExposition = (text: string): ReadMetrics => {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, { type: string; help: string }>()
  const samples: ReadSample[] = []
  const series = new Map<string, number>()
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = /^# (HELP|TYPE) (\S+) ([^\n]*)$/.exec(line)
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment
      const family = families.get(name) ?? { type: '', help: '' }
      families.set(name, kind === 'TYPE' ? { ...family, type: rest } : { ...family, help: unescaped(rest) })
      continue
    }
    const match = SAMPLE.exec(line)
    if (match === null) throw new Error(`this is no line of the format: ${line}`)
    const sample = {
      name: match[1] as string,
      labels: readLabels(match[2] ?? ''),
      value: readValue(match[3] as string),
    }
    const key = seriesKey(sample.name, sample.labels)
    if (series.has(key)) throw new Error(`this series stands there twice: ${key}`)
    series.set(key, sample.value)
    samples.push(sample)
  }
  const value = (name: string, labels = {}): number | undefined => series.get(seriesKey(name, labels))
  return { families, samples, series, value }
}
