/** What an account lacks of what an environment wants, each with the command that mends it. */
import type { Account } from './account.ts'
import type { Wanted, WantedNamespace } from './wanted.ts'

export interface Finding {
  readonly kind: string
  readonly name: string
  /** `unknown`: nothing tells. */
  readonly state: 'ok' | 'missing' | 'unknown'
  readonly about: string
  /** The command that mends it. */
  readonly mend: string | null
}

export const SECRETS = ['ADMIN_TOKEN', 'READ_TOKEN', 'WRITE_TOKEN', 'SIGNING_KEY'] as const

/** Never a variable: it would open the statistics, or show a secret in the dashboard. */
const NO_VARIABLES: readonly string[] = ['PUBLIC_STATS', ...SECRETS]

const ok = (kind: string, name: string, about: string): Finding => ({ kind, name, state: 'ok', about, mend: null })
const missing = (kind: string, name: string, about: string, mend: string | null): Finding => ({
  kind,
  name,
  state: 'missing',
  about,
  mend,
})

const namespaceFinding = (
  { binding, id, placeholderFor }: WantedNamespace,
  { environment }: Wanted,
  { namespaces }: Account,
): Finding => {
  const kind = 'KV namespace'
  if (placeholderFor !== null) {
    const isThere = namespaces.some(({ title }) => title === placeholderFor)
    return isThere
      ? missing(
          kind,
          binding,
          `${placeholderFor} exists, but wrangler.toml has a placeholder in the place of its id`,
          `npx nearcast deploy check --env ${environment} --write-ids`,
        )
      : missing(
          kind,
          binding,
          `${placeholderFor} does not exist, and wrangler.toml has a placeholder`,
          `npx wrangler kv namespace create ${placeholderFor}`,
        )
  }
  const found = namespaces.find((namespace) => namespace.id === id)
  return found === undefined
    ? missing(
        kind,
        binding,
        `the account has no namespace with the id ${id} that wrangler.toml names`,
        'npx wrangler kv namespace list',
      )
    : ok(kind, binding, found.title)
}

const secretFindings = ({ environment }: Wanted, { secrets }: Account): readonly Finding[] =>
  SECRETS.map((name) =>
    secrets?.includes(name)
      ? ok('secret', name, 'set')
      : missing(
          'secret',
          name,
          secrets === null ? 'the worker is not there yet; putting a secret makes it' : 'not set',
          `npx wrangler secret put ${name} --env ${environment}`,
        ),
  )

const variableFindings = ({ variables, environment }: Wanted): readonly Finding[] =>
  variables
    .filter((name) => NO_VARIABLES.includes(name))
    .map((name) => missing('variable', name, `must not stand in [env.${environment}.vars]; take it out`, null))

const rateLimitFinding = ({ rateLimits }: Wanted): Finding => {
  const names = rateLimits.map(({ name }) => name)
  return rateLimits.length === 2 && new Set(rateLimits.map(({ namespaceId }) => namespaceId)).size === 2
    ? ok('rate limits', names.join(', '), 'bound in wrangler.toml; a deployment makes them')
    : missing('rate limits', names.join(', '), 'PUBLIC_LIMIT and TOKEN_LIMIT want namespace_ids of their own', null)
}

const cronFinding = ({ crons }: Wanted): Finding =>
  crons.length === 0
    ? missing('cron', '-', 'wrangler.toml has no [triggers]', null)
    : {
        kind: 'cron',
        name: crons.join(', '),
        state: 'unknown',
        about: 'a deployment sets it; wrangler has no command that lists what is set',
        mend: null,
      }

const seedFinding = ({ environment, namespaces }: Wanted, packs: number | null, wantedPacks: number): Finding => {
  const mend = `npx wrangler kv bulk put kv-seed/zips.json --binding ZIP_FEATURES --env ${environment} --remote`
  if (packs === null) {
    const first = namespaces.some(({ placeholderFor }) => placeholderFor !== null) ? ', once its id is known' : ''
    return missing('zip data', 'ZIP_FEATURES', `nothing to look into yet${first}`, mend)
  }
  return packs >= wantedPacks
    ? ok('zip data', 'ZIP_FEATURES', `${packs} packs`)
    : missing('zip data', 'ZIP_FEATURES', `${packs} of ${wantedPacks} packs`, mend)
}

/** `packs` is how many zip packs KV holds, `null` where there is no namespace to look into. */
export const findingsOf = (
  wanted: Wanted,
  account: Account,
  packs: number | null,
  wantedPacks: number,
): readonly Finding[] => [
  ...wanted.namespaces.map((namespace) => namespaceFinding(namespace, wanted, account)),
  ...wanted.buckets.map((name) =>
    account.buckets.includes(name)
      ? ok('R2 bucket', name, 'there')
      : missing('R2 bucket', name, 'does not exist', `npx wrangler r2 bucket create ${name}`),
  ),
  ...wanted.queues.map((name) =>
    account.queues.includes(name)
      ? ok('queue', name, 'there')
      : missing('queue', name, 'does not exist', `npx wrangler queues create ${name}`),
  ),
  ...secretFindings(wanted, account),
  ...variableFindings(wanted),
  seedFinding(wanted, packs, wantedPacks),
  rateLimitFinding(wanted),
  cronFinding(wanted),
]

/** The text of wrangler.toml with the ids of the namespaces that exist, and which were written. */
export const withIds = (
  text: string,
  { namespaces }: Wanted,
  account: Account,
): { readonly text: string; readonly written: readonly string[] } => {
  let changed = text
  const written: string[] = []
  for (const { id, placeholderFor } of namespaces) {
    const found = account.namespaces.find(({ title }) => title === placeholderFor)
    if (placeholderFor === null || found === undefined) continue
    changed = changed.replaceAll(`"${id}"`, `"${found.id}"`)
    written.push(placeholderFor)
  }
  return { text: changed, written }
}

const MARK = { ok: 'ok     ', missing: 'MISSING', unknown: '?      ' } as const

export const findingsText = (wanted: Wanted, findings: readonly Finding[]): string => {
  const lines = findings.flatMap(({ kind, name, state, about, mend }) => [
    `  ${MARK[state]} ${kind.padEnd(13)} ${name}: ${about}`,
    ...(mend === null ? [] : [`          $ ${mend}`]),
  ])
  const lacking = findings.filter(({ state }) => state === 'missing').length
  const end = lacking === 0 ? 'nothing is lacking' : `${lacking} lacking`
  return `${wanted.environment} (${wanted.worker}): ${end}\n${lines.join('\n')}\n`
}
