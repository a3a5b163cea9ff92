/** The one list of what may differ between an answer in the documents and the one that comes: ids, times, durations and tokens. */

export type Mask = readonly [what: string, pattern: RegExp, instead: string]

export const MASKS: readonly Mask[] = [
  // Left out of the documents: it is as long as the rest.
  ['receipt', /,"receipt":"[^"]*"/g, ''],
  ['uuid', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID'],
  ['digest', /\b[0-9a-f]{64}\b/g, 'DIGEST'],
  ['instant', /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'INSTANT'],
  // Of this year and later: the events of the documents are of 2024.
  ['epoch milliseconds', /\b1(?:79|[89]\d)\d{10}\b/g, 'MILLISECONDS'],
  ['duration', /(?<![\w.])\d+(?:\.\d+)? (?:ms|s|seconds|milliseconds)\b/g, 'DURATION'],
  ['token', /Bearer [\w.-]+/g, 'Bearer TOKEN'],
]

export const masked = (text: string): string =>
  MASKS.reduce((left, [, pattern, instead]) => left.replaceAll(pattern, instead), text).trimEnd()
