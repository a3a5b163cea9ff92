/** How many requests an address may make. The bindings of wrangler.toml count them and do not tell their figures, so a test holds both together. */

export interface RateLimit {
  readonly requests: number
  readonly periodSeconds: number
}

/** Routes that anybody may call, and reports of outcomes. */
export const PUBLIC_LIMIT: RateLimit = { requests: 2_000, periodSeconds: 10 }

/** Routes that want READ_TOKEN or ADMIN_TOKEN, and wrong tokens wherever they are sent. */
export const TOKEN_LIMIT: RateLimit = { requests: 300, periodSeconds: 60 }

export const describeRateLimit = ({ requests, periodSeconds }: RateLimit): string =>
  `${requests} requests in ${periodSeconds} s`
