/** Unpacks one line of the zone table into the transitions it stands for. */

/** When a zone's offset changes, and to what. Both arrays are as long as the zone has transitions, plus one. */
export interface ZoneTransitions {
  /** Milliseconds since 1970-01-01T00:00Z, ascending; the first is −Infinity, from which the first known offset holds. */
  readonly startMilliseconds: Float64Array
  /** Seconds east of UTC from that instant on. */
  readonly offsetSeconds: Int32Array
}

const MILLISECONDS_PER_HALF_HOUR = 1_800_000

/** Time since the transition before, in base 36: half hours, or after a full stop seconds. Then a letter for the change of offset. */
const TOKEN = /(\.?)([0-9a-z]+)([A-Z])/g

/** The transition tokens of line `line`, those it borrows from the end of an earlier line included. */
const tokensOf = (table: readonly string[], line: number): string[] => {
  const [, , tokens = '', lender = '', count = ''] = (table[line] ?? '').split('|')
  const own: string[] = tokens.match(TOKEN) ?? []
  return lender === '' ? own : own.concat(tokensOf(table, Number(lender)).slice(-Number(count)))
}

/**
 * Decodes line `line` of `table`: `zone names|first offset in seconds|tokens|lender|count`, where the last two fields, if there, append
 * the last `count` tokens of an earlier line. `changeSeconds` says what the letters A, B, C … add to the offset, in seconds.
 */
export const decodeTransitions = (
  table: readonly string[],
  line: number,
  changeSeconds: readonly number[],
): ZoneTransitions => {
  const tokens = tokensOf(table, line)
  const startMilliseconds = new Float64Array(tokens.length + 1)
  const offsetSeconds = new Int32Array(tokens.length + 1)
  let start = 0
  let offset = Number(table[line]?.split('|')[1])
  startMilliseconds[0] = Number.NEGATIVE_INFINITY
  offsetSeconds[0] = offset
  for (const [index, token] of tokens.entries()) {
    const isSeconds = token.startsWith('.')
    const delta = Number.parseInt(token.slice(isSeconds ? 1 : 0, -1), 36)
    start += delta * (isSeconds ? 1000 : MILLISECONDS_PER_HALF_HOUR)
    offset += changeSeconds[token.charCodeAt(token.length - 1) - 65] ?? Number.NaN
    startMilliseconds[index + 1] = start
    offsetSeconds[index + 1] = offset
  }
  return { startMilliseconds, offsetSeconds }
}
