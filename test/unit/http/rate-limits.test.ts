import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PUBLIC_LIMIT, TOKEN_LIMIT } from '../../../src/protocol/rate-limits.ts'

it('the limits that answers name are those of the bindings', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../wrangler.toml'), 'utf8')
  const found = [...text.matchAll(/name = "(\w+_LIMIT)"[^[]*?limit = (\d+), period = (\d+)/g)].map(
    ([, name, requests, period]) => [name, { requests: Number(requests), periodSeconds: Number(period) }],
  )
  expect(Object.fromEntries(found)).toEqual({ PUBLIC_LIMIT, TOKEN_LIMIT })
})
