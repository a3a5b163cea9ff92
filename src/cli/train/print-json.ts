/** JSON for people: lists of plain values stay on one line. */

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null

/** Like `JSON.stringify(value, null, 1)`, but arrays of numbers, strings and nulls, and objects of them in arrays, take one line each. */
export const printJson = (value: unknown, indent = ''): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const inner = `${indent} `
  if (Array.isArray(value)) {
    if (value.every(isPlain)) return JSON.stringify(value)
    return `[\n${value.map((item) => inner + printJson(item, inner)).join(',\n')}\n${indent}]`
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  if (entries.every(([, item]) => isPlain(item)) && entries.length <= 12) return JSON.stringify(value)
  const lines = entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${printJson(item, inner)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}
