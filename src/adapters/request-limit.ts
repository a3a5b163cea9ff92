/** Counts requests with a rate-limiting binding: by location, eventually consistent, nothing stored beyond the period. */
import type { RateLimit } from '../protocol/rate-limits.ts'
import type { RequestLimit } from '../serving/ports/request-limit.ts'

/** What this needs of the binding. */
export interface RateLimitBinding {
  limit(options: { key: string }): Promise<{ success: boolean }>
}

export const requestLimit = (binding: RateLimitBinding, limit: RateLimit): RequestLimit => ({
  ...limit,
  async admits(key) {
    const { success } = await binding.limit({ key })
    return success
  },
})
