/** Compares an environment of wrangler.toml with the account. */
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { countPacks, notLoggedIn, readAccount } from './account.ts'
import { type Finding, findingsOf, withIds } from './findings.ts'
import { type Wanted, wantedOf } from './wanted.ts'
import type { Wrangler } from './wrangler.ts'

const seedSchema = z.array(z.object({ key: z.string() }))

/** How many zip packs the seed has. */
export const packsOf = (seedFile: string): number =>
  seedSchema.parse(JSON.parse(readFileSync(seedFile, 'utf8'))).filter(({ key }) => key.startsWith('zip3/')).length

export interface CheckedEnvironment {
  readonly wanted: Wanted
  readonly findings: readonly Finding[]
}

export interface AccountCheck {
  readonly rawConfig: unknown
  /** Where the ids are written to; `null`: nowhere. */
  readonly writeTo: string | null
  readonly seedPacks: number
}

/** Throws a RefusedError when wrangler is refused. */
export const checkAccount = async (
  wrangler: Wrangler,
  environment: string,
  { rawConfig, writeTo, seedPacks }: AccountCheck,
): Promise<CheckedEnvironment> => {
  let wanted = wantedOf(rawConfig, environment)
  const closed = await notLoggedIn(wrangler)
  if (closed !== null) {
    const about = `wrangler may not speak for an account: ${closed}`
    const mend = 'npx wrangler login, or set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID'
    return { wanted, findings: [{ kind: 'account', name: 'login', state: 'missing', about, mend }] }
  }
  const account = await readAccount(wrangler, environment)
  if (writeTo !== null) {
    const { text, written } = withIds(readFileSync(writeTo, 'utf8'), wanted, account)
    if (written.length > 0) writeFileSync(writeTo, text)
    const namespaces = wanted.namespaces.map((namespace) => {
      const found = account.namespaces.find(({ title }) => title === namespace.placeholderFor)
      return found === undefined ? namespace : { ...namespace, id: found.id, placeholderFor: null }
    })
    wanted = { ...wanted, namespaces }
  }
  const zips = wanted.namespaces.find(({ binding }) => binding === 'ZIP_FEATURES')
  const isThere = zips !== undefined && account.namespaces.some(({ id }) => id === zips.id)
  const packs = isThere ? await countPacks(wrangler, zips.id) : null
  return { wanted, findings: findingsOf(wanted, account, packs, seedPacks) }
}
