/** Lists by the first three digits of a zip, and what is commonest in a list. */
import { zip3 } from '../../core/event/zip-code.ts'

/** `items` by zip3, each in its first order. */
export const groupByZip3 = <T extends { readonly zip: string }>(items: Iterable<T>): Map<string, T[]> => {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = zip3(item.zip)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** The commonest of `values`; of equally common ones the first in code unit order. `undefined` of none. */
export const commonest = (values: Iterable<string>): string | undefined => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const ranked = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return ranked[0]?.[0]
}
