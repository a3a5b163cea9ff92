/** Metrics as Prometheus reads them: the text exposition format, version 0.0.4. */

/** Version 0.0.4 is what every Prometheus reads; OpenMetrics adds nothing that these metrics have. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

export interface HistogramSample {
  readonly labels: Labels
  /** The greatest value of each bucket, in the metric's unit, growing. */
  readonly bounds: readonly number[]
  /** What fell into each bucket, not cumulative; one number more than there are bounds. */
  readonly counts: readonly number[]
  /** Of all values, in the metric's unit. */
  readonly sum: number
}

interface Described {
  readonly name: string
  readonly help: string
}

/** One metric with all its series. */
export type Family =
  | (Described & { readonly type: 'counter' | 'gauge'; readonly samples: readonly Sample[] })
  | (Described & { readonly type: 'histogram'; readonly samples: readonly HistogramSample[] })

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' }
const escapeHelp = (text: string): string => text.replace(/[\\\n]/g, (character) => ESCAPES[character] as string)
const escapeValue = (text: string): string => text.replace(/[\\\n"]/g, (character) => ESCAPES[character] as string)

const numberText = (value: number): string => {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}

/** Throws a `RangeError` for the name of a label that Prometheus would not take. */
const labelText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => {
    if (!LABEL_NAME.test(name)) throw new RangeError(`the label ${JSON.stringify(name)} is no name of a label`)
    return `${name}="${escapeValue(value)}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const line = (name: string, labels: Labels, value: number): string => `${name}${labelText(labels)} ${numberText(value)}`

const histogramLines = (name: string, { labels, bounds, counts, sum }: HistogramSample): string[] => {
  let cumulative = 0
  const buckets = counts.map((count, bucket) => {
    cumulative += count
    const bound = bounds[bucket] ?? Number.POSITIVE_INFINITY
    return line(`${name}_bucket`, { ...labels, le: numberText(bound) }, cumulative)
  })
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, cumulative)]
}

const familyLines = (family: Family): string[] => {
  const { name, help, type } = family
  if (!NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} is no name of a metric`)
  const lines =
    family.type === 'histogram'
      ? family.samples.flatMap((sample) => histogramLines(name, sample))
      : family.samples.map(({ labels, value }) => line(name, labels, value))
  // A metric without a series says nothing.
  return lines.length === 0 ? [] : [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines]
}

/** The text of `families`, in their order. Throws a `RangeError` for a name that Prometheus would not take. */
export const expositionText = (families: readonly Family[]): string =>
  families
    .flatMap(familyLines)
    .map((text) => `${text}\n`)
    .join('')
