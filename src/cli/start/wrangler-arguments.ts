/** How `nearcast start` calls wrangler. */
import { dirname, join } from 'node:path'

/** What the user passed on that concerns seeding too. */
export interface SharedArguments {
  /** The configuration file. */
  readonly config: string
  /** The local secrets, beside the configuration. */
  readonly devVars: string
  /** The folder of the local state. */
  readonly state: string
  /** The environment of the configuration; empty for the top level. */
  readonly environment: string
  /** The same choices as arguments, for another wrangler command. */
  readonly forSeeding: readonly string[]
}

/** The last value of an option given as `--name value` or `--name=value`. */
const optionValue = (args: readonly string[], names: readonly string[]): string | undefined => {
  const values = args.flatMap((argument, index) => {
    const [name = '', ...value] = argument.split('=')
    if (!names.includes(name)) return []
    return value.length > 0 ? [value.join('=')] : (args[index + 1] ?? [])
  })
  return values.at(-1)
}

export const sharedArguments = (args: readonly string[]): SharedArguments => {
  const config = optionValue(args, ['--config', '-c'])
  const folder = dirname(config ?? 'wrangler.toml')
  const state = optionValue(args, ['--persist-to'])
  const environment = optionValue(args, ['--env', '-e'])
  const forSeeding = [
    ...(config === undefined ? [] : ['--config', config]),
    ...(state === undefined ? [] : ['--persist-to', state]),
    ...(environment === undefined ? [] : ['--env', environment]),
  ]
  return {
    config: config ?? 'wrangler.toml',
    devVars: join(folder, '.dev.vars'),
    state: state ?? join(folder, '.wrangler', 'state'),
    environment: environment ?? '',
    forSeeding,
  }
}

/** The arguments that put `seedFile` into the local KV. */
export const seedArguments = (seedFile: string, { forSeeding }: SharedArguments): readonly string[] => [
  ...['kv', 'bulk', 'put', seedFile, '--binding', 'ZIP_FEATURES', '--local'],
  ...forSeeding,
]

const INTERACTIVE = '--show-interactive-dev-session'

/** The arguments that serve, with the user's own behind. Without a terminal there are no hotkeys to show. */
export const devArguments = (args: readonly string[], isTerminal: boolean): readonly string[] => {
  const isStated = args.some((argument) => argument.startsWith(INTERACTIVE))
  return ['dev', ...(isTerminal || isStated ? [] : [`${INTERACTIVE}=false`]), ...args]
}

/**
 * The environment of wrangler, with which it asks nothing of the network: no metrics, no error reports, no look at the npm registry for a newer
 * version (part of the banner), and a fixed `request.cf` instead of one fetched from cloudflare.com (read in wrangler 4.155 and miniflare 5,
 * 2026-11). What the user's environment says goes before.
 */
export const wranglerEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  ...environment,
})
