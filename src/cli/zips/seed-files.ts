/** The text of the files in kv-seed: one entry a line, so that a diff shows which zips changed. */
import type { ZipMeans, ZipPack } from '../../core/zip/zip-pack.ts'
import { zipPackKey } from '../../protocol/store-keys.ts'
import type { ZipTable } from './merge-zips.ts'
import { groupByZip3 } from './zip3-groups.ts'

/** A JSON array or object whose parts stand on lines of their own. */
const onLines = (open: string, parts: readonly string[], close: string): string =>
  `${open}\n${parts.join(',\n')}\n${close}\n`

/** What `wrangler kv bulk put` takes: an array of key and value, the value being the JSON text of a zip pack. Sorted by key. */
export const bulkPutText = ({ columns, rows }: ZipTable, data: string): string => {
  const groups = groupByZip3([...rows].map(([zip, values]) => ({ zip, values })))
  const entries = [...groups].map(([key, group]) => {
    const pack: ZipPack = {
      format: 1,
      data,
      columns,
      zips: Object.fromEntries(group.map(({ zip, values }) => [zip, values])),
    }
    return JSON.stringify({ key: zipPackKey(key), value: JSON.stringify(pack) })
  })
  return onLines('[', entries, ']')
}

/** The bundled means. */
export const meansText = ({ format, data, columns, national, zip3 }: ZipMeans): string => {
  const head = JSON.stringify({ format, data, columns, national }).slice(0, -1)
  // Digits that look like an index would be sorted by every JavaScript object; lines are sorted as text, 005 before 010 before 100.
  const lines = Object.entries(zip3)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, values]) => `${JSON.stringify(key)}:${JSON.stringify(values)}`)
  return onLines(`${head},"zip3":{`, lines, '}}')
}
