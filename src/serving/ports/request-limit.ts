/** How many requests one address may make in a time. */
import type { RateLimit } from '../../protocol/rate-limits.ts'

export interface RequestLimit extends RateLimit {
  /** Counts a request of `key`; resolves to whether it is within the limit. Rejects when that cannot be told. */
  admits(key: string): Promise<boolean>
}
