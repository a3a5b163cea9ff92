/** Bytes as UTF-8 text, or a Failure that says where they are not. */
import { Failure } from '../core/failure.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** Bytes that follow a lead byte, or -1 where it leads nothing (RFC 3629). */
const followers = (lead: number): number => {
  if (lead < 0x80) return 0
  if (lead >= 0xc2 && lead <= 0xdf) return 1
  if (lead >= 0xe0 && lead <= 0xef) return 2
  return lead >= 0xf0 && lead <= 0xf4 ? 3 : -1
}

/** Bounds of the second byte: they exclude overlong forms, surrogates and what lies beyond U+10FFFF (RFC 3629, section 4). */
const secondByteFits = (lead: number, second: number): boolean => {
  if (lead === 0xe0) return second >= 0xa0 && second <= 0xbf
  if (lead === 0xed) return second >= 0x80 && second <= 0x9f
  if (lead === 0xf0) return second >= 0x90 && second <= 0xbf
  if (lead === 0xf4) return second >= 0x80 && second <= 0x8f
  return second >= 0x80 && second <= 0xbf
}

/** The offset of the first sequence that is not UTF-8; the length where all is. */
const firstFault = (bytes: Uint8Array): number => {
  let at = 0
  while (at < bytes.length) {
    const lead = bytes[at] as number
    const count = followers(lead)
    if (count < 0 || at + count >= bytes.length) return at
    if (count > 0 && !secondByteFits(lead, bytes[at + 1] as number)) return at
    for (let index = 2; index <= count; index++) if (((bytes[at + index] as number) & 0xc0) !== 0x80) return at
    at += count + 1
  }
  return at
}

/** `bytes` as text, without a byte order mark. Throws `invalid_utf8` with the offset of the first byte that is not. */
export const decodeUtf8 = (bytes: Uint8Array): string => {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    const offset = firstFault(bytes)
    const byte = bytes[offset]?.toString(16).padStart(2, '0')
    const utf16 = offset === 0 && (bytes[0] === 0xff || bytes[0] === 0xfe) ? '; UTF-16 perhaps: save it as UTF-8' : ''
    throw new Failure('invalid_utf8', `the body is not UTF-8: byte ${offset} is 0x${byte}${utf16}`, undefined, {
      cause: error,
    })
  }
}
