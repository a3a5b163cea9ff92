/** Names, all but the first random. */

/** Of the session in sessionStorage; what begins so in localStorage is ours too. */
export const NAME = 'nearcast:'

export const randomHex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => (byte + 256).toString(16).slice(1)).join('')

/** Pages that did not come by https have no `randomUUID`. */
export const eventId = (): string => crypto.randomUUID?.() ?? randomHex(16)
