/** How often a number fell into each of a fixed row of equal bins: the distribution of an output or a field. */

/** `bins` equal bins from `lowest` to `highest`; each holds its lower edge, the last one both. */
export interface BinLayout {
  readonly lowest: number
  readonly highest: number
  readonly bins: number
}

export interface BinCounts {
  readonly lowest: number
  readonly highest: number
  /** One count per bin. */
  readonly counts: readonly number[]
  /** Values below `lowest`, above `highest`, and NaN or infinite. */
  readonly under: number
  readonly over: number
  readonly non_finite: number
  /** Values that were counted in another layout and could not be put into this one's bins. */
  readonly unlike: number
}

/** Twentieths: fine enough for a calibration curve. */
export const PROBABILITY_LAYOUT: BinLayout = { lowest: 0, highest: 1, bins: 20 }

/** A longer row of bins is refused: it bounds what a delta can weigh. */
export const MAX_BINS = 64

/** The layout that counts the index of one of `labels` labels; what lies past `MAX_BINS` is counted as over. */
export const labelLayout = (labels: number): BinLayout => {
  const bins = Math.min(Math.max(labels, 1), MAX_BINS)
  return { lowest: 0, highest: bins, bins }
}

/** The bin of `value`, -1 below the layout, `bins` above it. `value` must be finite. */
export const binOf = ({ lowest, highest, bins }: BinLayout, value: number): number => {
  if (value < lowest) return -1
  if (value > highest) return bins
  return Math.min(bins - 1, Math.floor(((value - lowest) * bins) / (highest - lowest)))
}

/** The counts while they grow. */
export class BinRecorder {
  readonly #layout: BinLayout
  readonly #counts: Float64Array
  #under = 0
  #over = 0
  #nonFinite = 0

  constructor(layout: BinLayout) {
    this.#layout = layout
    this.#counts = new Float64Array(layout.bins)
  }

  record(value: number): void {
    if (!Number.isFinite(value)) {
      this.#nonFinite++
      return
    }
    const bin = binOf(this.#layout, value)
    if (bin < 0) this.#under++
    else if (bin >= this.#layout.bins) this.#over++
    else this.#counts[bin] = (this.#counts[bin] as number) + 1
  }

  toCounts(): BinCounts {
    const { lowest, highest } = this.#layout
    const counts = Array.from(this.#counts)
    return { lowest, highest, counts, under: this.#under, over: this.#over, non_finite: this.#nonFinite, unlike: 0 }
  }
}

/** Every value counted, wherever it fell. */
export const binTotal = ({ counts, under, over, non_finite, unlike }: BinCounts): number =>
  counts.reduce((sum, count) => sum + count, under + over + non_finite + unlike)

/** Positive when `a`'s layout prevails over `b`'s, 0 when they are the same. Any fixed order will do; more bins win. */
const compareLayouts = (a: BinCounts, b: BinCounts): number =>
  a.counts.length - b.counts.length || a.lowest - b.lowest || a.highest - b.highest

/**
 * Both counts in one. A version's layout is fixed by its own files, so two layouts meet only when the code that chooses them changed;
 * then one of them prevails, whichever comes first, and the other's values become `unlike`: no value is lost and the order of merging
 * does not matter.
 */
export const mergeBins = (a: BinCounts, b: BinCounts): BinCounts => {
  const order = compareLayouts(a, b)
  if (order > 0) return { ...a, unlike: a.unlike + binTotal(b) }
  if (order < 0) return { ...b, unlike: b.unlike + binTotal(a) }
  return {
    lowest: a.lowest,
    highest: a.highest,
    counts: a.counts.map((count, bin) => count + (b.counts[bin] ?? 0)),
    under: a.under + b.under,
    over: a.over + b.over,
    non_finite: a.non_finite + b.non_finite,
    unlike: a.unlike + b.unlike,
  }
}
