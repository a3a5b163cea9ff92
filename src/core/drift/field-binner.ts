/** The bins of a version's fields, laid out so that a row of its feature values is binned in a microsecond or two. */
import { binCount, type ProfileField } from '../profile/reference-profile.ts'
import { type BinLayout, MAX_BINS } from '../statistics/bin-counts.ts'
import { LIMITS } from '../statistics/counts.ts'

/** One field: where its value stands in a row, and how its bins are counted: by index. */
export interface BinnedField {
  readonly name: string
  readonly column: number
  /** From 0 to the number of bins: the counts of this layout, at a bin's index, are the profile's. */
  readonly layout: BinLayout
}

interface Finder {
  /** Ascending float32 values: edges, or the known values. */
  readonly sorted: Float64Array
  /** Of known values the bin of each in `sorted`; `null`: they are edges. */
  readonly bins: Uint8Array | null
}

const finderOf = (field: ProfileField): Finder => {
  if ('edges' in field) return { sorted: Float64Array.from(field.edges, Math.fround), bins: null }
  // Of equal values the first one's bin counts, as in a profile; the sort is stable.
  const order = field.values.map((value, bin) => ({ value: Math.fround(value), bin })).sort((a, b) => a.value - b.value)
  return { sorted: Float64Array.from(order, ({ value }) => value), bins: Uint8Array.from(order, ({ bin }) => bin) }
}

/** The first place in `sorted` whose value is at least `value`; its length when there is none. */
const firstAtLeast = (sorted: Float64Array, value: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (value <= (sorted[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}

export class FieldBinner {
  readonly fields: readonly BinnedField[]
  /** Columns of a row. */
  readonly width: number
  readonly #finders: readonly Finder[]

  /**
   * For `fields` of a profile and the names of the columns of a row. Left out are fields that no column holds, that have more than `MAX_BINS` bins, and
   * those beyond the number a delta may hold: one of them would have the whole delta refused.
   */
  constructor(fields: readonly ProfileField[], columns: readonly string[]) {
    this.width = columns.length
    const counted = fields
      .flatMap((field) => {
        const column = columns.indexOf(field.name)
        const bins = binCount(field)
        return column < 0 || bins > MAX_BINS
          ? []
          : [{ field, name: field.name, column, layout: { lowest: 0, highest: bins, bins } }]
      })
      .slice(0, LIMITS.fields)
    this.fields = counted.map(({ name, column, layout }) => ({ name, column, layout }))
    this.#finders = counted.map(({ field }) => finderOf(field))
  }

  /** The bin of `value` among those of the field at `index` of `fields`, NaN where it is missing. As `binOf` of the profile has it. */
  binOf(index: number, value: number): number {
    if (Number.isNaN(value)) return Number.NaN
    const { sorted, bins } = this.#finders[index] as Finder
    const single = Math.fround(value)
    const at = firstAtLeast(sorted, single)
    if (bins === null) return at
    return sorted[at] === single ? (bins[at] as number) : sorted.length
  }
}
