import { describe, expect, it } from 'vitest'
import { experimental_readRawConfig as readRawConfig } from 'wrangler'

type Table = { readonly [key: string]: unknown }

const config = readRawConfig({ config: 'wrangler.toml' }).rawConfig as unknown as Table & {
  readonly env: Record<string, Table>
}

/** What wrangler does not take over from the top level (its documentation and 4.155.0, 2026-11). */
const BINDINGS = ['vars', 'kv_namespaces', 'r2_buckets', 'queues', 'durable_objects', 'ratelimits', 'version_metadata']

/** The names of resources differ between environments, and nothing else does. */
const withoutNames = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, part: unknown) =>
      ['id', 'bucket_name', 'queue', 'dead_letter_queue', 'namespace_id'].includes(key) ? 'a name' : part,
    ),
  )

const namesIn = (value: unknown): string[] => {
  const names: string[] = []
  JSON.stringify(value, (key, part: unknown) => {
    if (['id', 'bucket_name', 'dead_letter_queue', 'namespace_id'].includes(key)) names.push(String(part))
    return part
  })
  return names
}

describe.each(['staging', 'production'])('the environment %s', (name) => {
  const environment = config.env[name] as Table

  it('repeats every binding of the top level', () => {
    for (const kind of BINDINGS) {
      expect(withoutNames(environment[kind]), kind).toEqual(withoutNames(config[kind]))
    }
  })

  it('states nothing else, so that the rest is inherited', () => {
    expect(Object.keys(environment).sort()).toEqual(['name', ...BINDINGS].sort())
  })

  it('is a worker of its own', () => {
    expect(environment.name).toBe(`nearcast-${name}`)
  })
})

describe('the environments', () => {
  it('share no resource', () => {
    const named = [config, ...Object.values(config.env)].map((each) =>
      namesIn(Object.fromEntries(BINDINGS.map((kind) => [kind, each[kind]]))),
    )
    const all = named.flat()
    expect(named).toHaveLength(3)
    expect(named.every(({ length }) => length > 0 && length === named[0]?.length)).toBe(true)
    expect(new Set(all).size).toBe(all.length)
  })

  it('leave out no kind of binding that the top level has', () => {
    const inherited = [
      '$schema',
      'name',
      'main',
      'compatibility_date',
      'send_metrics',
      'keep_names',
      'rules',
      'assets',
      'migrations',
      'triggers',
      'dev',
      'observability',
      'env',
    ]
    expect(Object.keys(config).filter((key) => !inherited.includes(key) && !BINDINGS.includes(key))).toEqual([])
  })
})
