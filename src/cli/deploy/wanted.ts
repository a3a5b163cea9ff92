/** What an environment of wrangler.toml wants of an account. */
import { z } from 'zod'
import { UsageError } from '../command.ts'

/** An id nobody has filled in yet; behind it stands the title of the namespace. */
const PLACEHOLDER = /^REPLACE-WITH-ID-OF-(.+)$/

export interface WantedNamespace {
  readonly binding: string
  readonly id: string
  /** The title of the namespace, while its id is a placeholder. */
  readonly placeholderFor: string | null
}

export interface Wanted {
  readonly environment: string
  readonly worker: string
  readonly namespaces: readonly WantedNamespace[]
  readonly buckets: readonly string[]
  readonly queues: readonly string[]
  readonly rateLimits: readonly { readonly name: string; readonly namespaceId: string }[]
  readonly crons: readonly string[]
  readonly variables: readonly string[]
  /** In order; the last tag is the one a deployed worker is at. */
  readonly migrations: readonly unknown[]
  readonly migrationTag: string | null
}

const environmentSchema = z.object({
  name: z.string(),
  vars: z.record(z.string(), z.unknown()).default({}),
  kv_namespaces: z.array(z.object({ binding: z.string(), id: z.string() })).default([]),
  r2_buckets: z.array(z.object({ bucket_name: z.string() })).default([]),
  queues: z
    .object({
      producers: z.array(z.object({ queue: z.string() })).default([]),
      consumers: z.array(z.object({ queue: z.string(), dead_letter_queue: z.string().optional() })).default([]),
    })
    .default({ producers: [], consumers: [] }),
  ratelimits: z.array(z.object({ name: z.string(), namespace_id: z.string() })).default([]),
})

const configSchema = z.object({
  env: z.record(z.string(), environmentSchema),
  triggers: z.object({ crons: z.array(z.string()) }).default({ crons: [] }),
  migrations: z.array(z.looseObject({ tag: z.string() })).default([]),
})

/** Throws a UsageError for an environment that is not there. */
export const wantedOf = (rawConfig: unknown, environment: string): Wanted => {
  const config = configSchema.parse(rawConfig)
  const own = Object.hasOwn(config.env, environment) ? config.env[environment] : undefined
  if (own === undefined) {
    throw new UsageError(`--env ${environment}: wrangler.toml has ${Object.keys(config.env).join(', ')}`)
  }
  const { producers, consumers } = own.queues
  const queues = [
    ...producers.map(({ queue }) => queue),
    ...consumers.flatMap(({ queue, dead_letter_queue }) =>
      dead_letter_queue === undefined ? [queue] : [queue, dead_letter_queue],
    ),
  ]
  return {
    environment,
    worker: own.name,
    namespaces: own.kv_namespaces.map(({ binding, id }) => ({
      binding,
      id,
      placeholderFor: PLACEHOLDER.exec(id)?.[1] ?? null,
    })),
    buckets: own.r2_buckets.map(({ bucket_name }) => bucket_name),
    queues: [...new Set(queues)],
    rateLimits: own.ratelimits.map(({ name, namespace_id }) => ({ name, namespaceId: namespace_id })),
    crons: config.triggers.crons,
    variables: Object.keys(own.vars),
    migrations: config.migrations,
    migrationTag: config.migrations.at(-1)?.tag ?? null,
  }
}

/** Reads the configuration as wrangler does, which is loaded only here: it takes two seconds. */
export const readConfig = async (file: string): Promise<unknown> => {
  const { experimental_readRawConfig: readRawConfig } = await import('wrangler')
  return readRawConfig({ config: file }).rawConfig
}

export const readWanted = async (file: string, environment: string): Promise<Wanted> =>
  wantedOf(await readConfig(file), environment)
