/** The log of a deployment holds what the code says, and nothing of who called. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { unstable_readConfig } from 'wrangler'

it('the platform keeps no log of requests: it would hold addresses and user agents', () => {
  const { observability } = unstable_readConfig({ config: join(import.meta.dirname, '../../../wrangler.toml') })
  expect(observability).toMatchObject({ enabled: true, logs: { enabled: true, invocation_logs: false } })
})
