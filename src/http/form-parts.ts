/** How many parts a multipart body has, told from its bytes: parsing makes an object of each, a 25 MiB body of a million. */

const DASH = 45

const startsWithAt = (bytes: Uint8Array, at: number, wanted: Uint8Array): boolean => {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false
  return true
}

/** The boundary that a content type names (RFC 2046: at most 70 characters); `null`: none. */
export const boundaryOf = (contentType: string): string | null =>
  /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i
    .exec(contentType)
    ?.slice(1)
    .find((found) => found !== undefined) ?? null

/** How often the boundary stands in `bytes`, the one that closes the last part aside; counting stops above `most`. */
export const countParts = (bytes: Uint8Array, boundary: string, most: number): number => {
  const delimiter = new TextEncoder().encode(`--${boundary}`)
  let count = 0
  for (let at = bytes.indexOf(DASH); at >= 0 && count <= most; at = bytes.indexOf(DASH, at + 1)) {
    if (!startsWithAt(bytes, at, delimiter)) continue
    at += delimiter.length - 1
    const isLast = bytes[at + 1] === DASH && bytes[at + 2] === DASH
    if (!isLast) count++
  }
  return count
}
