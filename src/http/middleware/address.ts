/** Whose requests are counted together. */

const GROUPS = 8
/** What one household or machine is given is a /64 (RFC 6177); single addresses are free to make up. */
const NETWORK_GROUPS = 4

/** The first 64 bits of an IPv6 address, `2001:db8:0:1`; as it came where it is none. */
const networkOf = (address: string): string => {
  const [head = '', tail] = address.toLowerCase().split('::', 2)
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? 0 : Math.max(0, GROUPS - left.length - right.length)
  return [...left, ...new Array<string>(gap).fill('0'), ...right]
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}

/**
 * The key under which a request is counted: the caller's IPv4 address or IPv6 network, as Cloudflare tells it. `null` without one, or for
 * this very machine: local development is not limited. It is passed to the limit and forgotten.
 */
export const addressKey = (headers: Headers): string | null => {
  const address = headers.get('cf-connecting-ip')
  if (address === null || address === '' || address === '::1' || address.startsWith('127.')) return null
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped.startsWith('127.') ? null : mapped
  return address.includes(':') ? networkOf(address) : address
}
