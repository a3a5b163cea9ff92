/** A dead letter as an object of the bucket, where it waits until the object of the dead letters answers. */
import { fromBase64, toBase64 } from '../../protocol/base64.ts'
import type { NewDeadLetter } from '../ports/dead-letters.ts'

const FORMAT = 1

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const writeParked = ({ payload, ...letter }: NewDeadLetter): Uint8Array => {
  const stored = 'bytes' in payload ? { base64: toBase64(payload.bytes), isCut: payload.isCut } : payload
  return encoder.encode(JSON.stringify({ format: FORMAT, letter, payload: stored }))
}

/** `null`: these bytes are no letter that this code knows. */
export const readParked = (bytes: Uint8Array): NewDeadLetter | null => {
  try {
    const { format, letter, payload } = JSON.parse(decoder.decode(bytes))
    if (format !== FORMAT || typeof letter.id !== 'string' || typeof payload !== 'object') return null
    const { base64, isCut } = payload
    return { ...letter, payload: typeof base64 === 'string' ? { bytes: fromBase64(base64), isCut } : payload }
  } catch {
    return null
  }
}
