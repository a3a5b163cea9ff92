/** Finds what a drift report says of each field and output, wherever it stands in the report. */

export interface DriftedSeries {
  /** Model, version and window, as the report names them. */
  readonly where: string
  readonly name: string
  readonly role: string
  readonly verdict: string
  readonly causes: readonly string[]
  /** Shares by bin; `null` where nothing was compared. */
  readonly current: readonly number[] | null
  readonly expected: readonly number[] | null
  readonly effect: { readonly name: string; readonly value: number; readonly least: number | null } | null
  readonly adjustedP: number | null
  /** Epoch milliseconds or an ISO time; `null` where it is not said. */
  readonly since: number | string | null
}

type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const numberOf = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)
const numbersOf = (value: unknown): readonly number[] | null =>
  Array.isArray(value) && value.length > 0 && value.every((one) => numberOf(one) !== null) ? (value as number[]) : null
const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

const effectOf = (shift: unknown): DriftedSeries['effect'] => {
  const effect = isMembers(shift) && isMembers(shift.effect) ? shift.effect : {}
  const [name, value] = [textOf(effect.name), numberOf(effect.value)]
  return name === null || value === null ? null : { name, value, least: numberOf(effect.least) }
}

const seriesOf = (members: Members, where: string): DriftedSeries | null => {
  const { name, role, verdict, shift, since } = members
  if (typeof name !== 'string' || typeof role !== 'string' || typeof verdict !== 'string') return null
  return {
    ...{ where, name, role, verdict, causes: textsOf(members.causes) },
    current: numbersOf(members.current),
    expected: numbersOf(members.expected),
    effect: effectOf(shift),
    adjustedP: isMembers(shift) ? numberOf(shift.adjusted_p) : null,
    since: textOf(since) ?? numberOf(since),
  }
}

/** Members that hold parts of the report, and name nothing themselves. */
const HOLDERS = ['models', 'versions', 'windows', 'series', 'fields', 'outputs', 'reports', 'report', 'drift']
const DEEPEST = 8

/** Every field and output of `report`, in its order; those that drifted first. */
export const readDrift = (report: unknown): readonly DriftedSeries[] => {
  const found: DriftedSeries[] = []
  const visit = (value: unknown, path: readonly string[], depth: number): void => {
    if (depth > DEEPEST) return
    if (Array.isArray(value)) {
      for (const one of value) visit(one, path, depth + 1)
      return
    }
    if (!isMembers(value)) return
    const series = seriesOf(value, path.join(' '))
    if (series !== null) {
      found.push(series)
      return
    }
    const own = ['model', 'model_name', 'version', 'model_version', 'name', 'window'].flatMap(
      (member) => textOf(value[member]) ?? [],
    )
    for (const [key, child] of Object.entries(value)) {
      const isNaming = !Array.isArray(child) && !HOLDERS.includes(key)
      visit(child, [...path, ...own, ...(isNaming ? [key] : [])], depth + 1)
    }
  }
  visit(report, [], 0)
  const rank = ({ verdict }: DriftedSeries): number => (verdict === 'drifted' ? 0 : 1)
  return found.sort((a, b) => rank(a) - rank(b))
}
