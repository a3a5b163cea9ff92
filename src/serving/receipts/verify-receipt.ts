/** From a receipt that somebody sends to what this deployment once said, or to why it did not. */
import type { Clock } from '../../core/clock.ts'
import { Failure, quote } from '../../core/failure.ts'
import { eventOf } from '../../core/judgement/unit.ts'
import { fromBase64Url } from '../../protocol/base64url.ts'
import { type Receipt, readReceipt } from '../../protocol/receipt.ts'
import type { ReceiptKeys } from './receipt-keys.ts'

export interface ReceiptVerifierParts {
  readonly keys: ReceiptKeys
  readonly clock: Clock
  /** How long a receipt is taken, from its answer on. */
  readonly days: number
}

/** Receipts that fit are shorter: 64 labels of a distribution are 2,000 characters, an id 700. */
export const MAX_RECEIPT_LENGTH = 65_536
const CODE_BYTES = 32
const DAY_MILLISECONDS = 86_400_000

const invalid = (message: string): Failure => new Failure('invalid_receipt', message, 'receipt')

/** Payload and code of a receipt. Throws Failure `invalid_receipt`. */
const partsOf = (receipt: string): readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>] => {
  const [payload, code, ...more] = receipt.length > MAX_RECEIPT_LENGTH ? [] : receipt.split('.')
  const bytes = fromBase64Url(payload ?? '')
  const signature = fromBase64Url(code ?? '')
  if (bytes === null || bytes.length === 0 || signature?.length !== CODE_BYTES || more.length > 0)
    throw invalid(`receipt is ${quote(receipt)}, expected one as predictions carry it, whole`)
  return [bytes, signature]
}

/** A receipt that fits, and until when it does, epoch milliseconds. */
export interface VerifiedReceipt extends Receipt {
  readonly until: number
  /** Of its event, a whole number in [0, 2^52): the same also when the key that signed it has become the previous one. */
  readonly event: number
}

export class ReceiptVerifier {
  constructor(private readonly parts: ReceiptVerifierParts) {}

  /** Throws Failure `invalid_receipt` where it is none of ours, `expired_receipt` where it is too old. */
  async verify(receipt: string): Promise<VerifiedReceipt> {
    const { keys, clock, days } = this.parts
    if (!keys.areThere) throw invalid('no SIGNING_KEY is configured, so no receipt can be checked: report the id')
    const [payload, code] = partsOf(receipt)
    const signer = await this.#signerOf(payload, code)
    if (signer < 0) {
      const message =
        'the signature does not fit: the receipt was changed, or signed with a key that is no longer known'
      throw invalid(message)
    }
    const read = readReceipt(payload)
    const until = read.answeredAt + days * DAY_MILLISECONDS
    if (clock.epochMilliseconds() > until) {
      const answered = new Date(read.answeredAt).toISOString()
      throw new Failure('expired_receipt', `the receipt is of ${answered}; it was taken for ${days} days`, 'receipt')
    }
    return { ...read, until, event: eventOf(read.id, keys.seedOf(signer)) }
  }

  /** The number of the key that signed; -1: none did. In constant time with each. */
  async #signerOf(payload: Uint8Array<ArrayBuffer>, code: Uint8Array<ArrayBuffer>): Promise<number> {
    for (const [number, key] of (await this.parts.keys.all()).entries()) {
      if (await crypto.subtle.verify('HMAC', key, code, payload)) return number
    }
    return -1
  }
}
