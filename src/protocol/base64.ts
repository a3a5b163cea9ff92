/** Bytes as base64 text (RFC 4648, section 4), in Node and workerd alike. */

/** Arguments that a call takes without harm to the stack. */
const CHUNK_BYTES = 8_192

export const toBase64 = (bytes: Uint8Array): string => {
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES)))
  }
  return btoa(parts.join(''))
}

/** Throws a DOMException for what is no base64. */
export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0))
