/** The keys that receipts are signed with, derived from the secrets of the deployment. */

import { murmur3Text } from '../../core/release/unit-hash.ts'

/** Keeps receipts apart from whatever else a secret is used for, and from receipts of another making. */
const PURPOSE = new TextEncoder().encode('nearcast receipt 1')

/** Any number: it keeps what is made of the secret apart from other uses of it. */
const EVENT_SEED = 0x72637074

/** Node's types know the class by no global name. */
export type SigningKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const derive = async (secret: string): Promise<SigningKey> => {
  const material = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), 'HKDF', false, ['deriveBits'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: PURPOSE }
  const bits = await crypto.subtle.deriveBits(how, material, 256)
  return crypto.subtle.importKey('raw', bits, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

export class ReceiptKeys {
  readonly #secrets: readonly string[]
  /** Keys, not promises of them: a promise would belong to the request that made it. */
  readonly #keys: SigningKey[] = []

  /** `secrets`: the one that signs, then those that are still believed; none: there are no receipts. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets
  }

  get areThere(): boolean {
    return this.#secrets.length > 0
  }

  /** What signs, when it was derived before. */
  get signing(): SigningKey | undefined {
    return this.#keys[0]
  }

  /** A seed for hashes of the events whose receipts this key signed: the same while the key is in use, first or second. */
  seedOf(key: number): number {
    return murmur3Text(this.#secrets[key] ?? '', EVENT_SEED)
  }

  /** In the order of the secrets. */
  async all(): Promise<readonly SigningKey[]> {
    if (this.#keys.length < this.#secrets.length) {
      const derived = await Promise.all(this.#secrets.map(derive))
      this.#keys.splice(0, this.#keys.length, ...derived)
    }
    return this.#keys
  }
}
