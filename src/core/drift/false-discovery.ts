/** p-values of many tests at once, adjusted so that few of what is found is found by chance. */

/**
 * Benjamini–Hochberg: min over j ≥ rank of p(j) · tests / j, in the order given, in [0, 1]. Rejecting what is at most q keeps the expected share of
 * false discoveries at q, also for positively dependent tests. Throws a RangeError for a p outside [0, 1].
 * Source: Y. Benjamini and Y. Hochberg, JRSS B 57, 1995; `scipy.stats.false_discovery_control`.
 */
export const adjustedP = (p: readonly number[]): number[] => {
  const wrong = p.findIndex((value) => !(value >= 0 && value <= 1))
  if (wrong >= 0) throw new RangeError(`Expected a p in [0, 1], got ${p[wrong]} at ${wrong}.`)
  const order = p.map((_, index) => index).sort((i, j) => (p[j] as number) - (p[i] as number))
  const adjusted = new Array<number>(p.length)
  let least = 1
  for (const [place, index] of order.entries()) {
    least = Math.min(least, ((p[index] as number) * p.length) / (p.length - place))
    adjusted[index] = least
  }
  return adjusted
}
