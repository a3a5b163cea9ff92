/** Two rows of counts as a contingency table: Pearson's chi-square, G, and how strong the association is. */
import { chiSquareTail } from './incomplete-gamma.ts'
import { totalOf } from './shares.ts'

/** Two rows over the same cells, each cell counted in at least one of them. Counts ≥ 0, whole or not. */
export interface CountTable {
  readonly a: readonly number[]
  readonly b: readonly number[]
}

export interface TableTest {
  readonly statistic: number
  readonly degrees: number
  readonly p: number
}

/**
 * The table of two rows. Sparse cells are pooled with their neighbours: from the first cell on, cells are joined until the smaller row expects at least
 * `minimumExpected` of them; what is left over at the end joins the last. Which cells are joined depends on the sums of both rows alone. 5 is W. Cochran's rule
 * ("Some Methods for Strengthening the Common χ² Tests", 1954); 0 only leaves out cells that are empty in both rows. Throws a RangeError for unlike or empty rows.
 */
export const countTable = (a: ArrayLike<number>, b: ArrayLike<number>, minimumExpected: number): CountTable => {
  const [n, m] = [totalOf(a, b.length), totalOf(b, a.length)]
  const needed = (minimumExpected * (n + m)) / Math.min(n, m)
  const pooled: { readonly a: number[]; readonly b: number[] } = { a: [], b: [] }
  let [x, y] = [0, 0]
  for (let cell = 0; cell < a.length; cell++) {
    x += a[cell] as number
    y += b[cell] as number
    if (x + y === 0 || x + y < needed) continue
    pooled.a.push(x)
    pooled.b.push(y)
    x = 0
    y = 0
  }
  if (x + y > 0) {
    pooled.a.push((pooled.a.pop() ?? 0) + x)
    pooled.b.push((pooled.b.pop() ?? 0) + y)
  }
  return pooled
}

const total = (row: readonly number[]): number => row.reduce((sum, count) => sum + count, 0)

/** Σ over both rows of `part(observed, expected)`, expected as if both rows had the same shares. */
const testOf = ({ a, b }: CountTable, part: (observed: number, expected: number) => number): TableTest => {
  const [n, m] = [total(a), total(b)]
  let statistic = 0
  for (let cell = 0; cell < a.length; cell++) {
    const [x, y] = [a[cell] as number, b[cell] as number]
    const share = (x + y) / (n + m)
    statistic += part(x, n * share) + part(y, m * share)
  }
  const degrees = Math.max(0, a.length - 1)
  const positive = Math.max(0, statistic)
  return { statistic: positive, degrees, p: chiSquareTail(positive, degrees) }
}

/** Pearson's test: Σ (O − E)² / E, cells − 1 degrees of freedom, p by chi-square. As `scipy.stats.chi2_contingency(correction=False)`. */
export const pearsonTest = (table: CountTable): TableTest =>
  testOf(table, (observed, expected) => (observed - expected) ** 2 / expected)

/** The likelihood ratio test: G = 2 Σ O ln(O / E), otherwise as Pearson's. As scipy's with `lambda_='log-likelihood'`. */
export const gTest = (table: CountTable): TableTest =>
  testOf(table, (observed, expected) => (observed === 0 ? 0 : 2 * observed * Math.log(observed / expected)))

/** Cramér's V of two rows: √(χ² / (n + m)), in [0, 1]. Source: H. Cramér, Mathematical Methods of Statistics, 1946; `scipy.stats.contingency.association`. */
export const cramersV = (table: CountTable): number =>
  Math.min(1, Math.sqrt(pearsonTest(table).statistic / (total(table.a) + total(table.b))))
