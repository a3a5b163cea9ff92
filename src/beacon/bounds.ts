/** How much goes at once, how much may wait, and how long after a failure: pure. */

/** Bodies under way may have 64 KiB together (Fetch, "keepalive"): this much is for events, the rest for what stands around them. */
export const ROOM_BYTES = 59_000

const encoder = new TextEncoder()

/** Of a line and what parts it from the next one, in UTF-8. */
export const sizeOf = (line: string): number => encoder.encode(line).length + 1

/** How many of the first lines fit into so many bytes. */
export const fitting = (lines: readonly string[], bytes: number): number => {
  let count = 0
  for (const line of lines) {
    bytes -= sizeOf(line)
    if (bytes < 0) break
    count++
  }
  return count
}

/** How many of the oldest lines, which come first, are too many. */
export const surplus = (lines: readonly string[], mostEvents: number, mostBytes: number): number =>
  lines.length - fitting(lines.slice(-mostEvents).reverse(), mostBytes)

/** Whether what was answered so may be answered otherwise later. */
export const canHeal = (status: number): boolean => /408|429|5../.test(String(status))

/** The wait after so many failures in a row: doubling to a minute, half of it by chance; as long as the server said, up to five minutes. */
export const retryMilliseconds = (failures: number, retryAfterSeconds: number, chance: number): number =>
  Math.max(
    Math.min(2 ** failures * 1_000, 60_000) * (0.5 + chance / 2),
    Math.min(retryAfterSeconds * 1_000 || 0, 300_000),
  )
