#!/usr/bin/env node
/** The `nearcast` command: a table of contents; each command is loaded when it is asked for. */
import { type Command, UsageError } from './command.ts'

const COMMANDS: Record<string, () => Promise<{ command: Command }>> = {
  archive: () => import('./commands/archive.ts'),
  backup: () => import('./commands/backup.ts'),
  'dead-letters': () => import('./commands/dead-letters.ts'),
  deploy: () => import('./commands/deploy.ts'),
  featurize: () => import('./commands/featurize.ts'),
  import: () => import('./commands/import.ts'),
  predict: () => import('./commands/predict.ts'),
  profile: () => import('./commands/profile.ts'),
  publish: () => import('./commands/publish.ts'),
  release: () => import('./commands/release.ts'),
  simulate: () => import('./commands/simulate.ts'),
  start: () => import('./commands/start.ts'),
  train: () => import('./commands/train.ts'),
  validate: () => import('./commands/validate.ts'),
  verify: () => import('./commands/verify.ts'),
  zips: () => import('./commands/zips.ts'),
}

const usage = async (): Promise<string> => {
  const lines = await Promise.all(
    Object.entries(COMMANDS).map(async ([name, load]) => `  ${name.padEnd(14)}${(await load()).command.summary}`),
  )
  return `Usage: nearcast <command> [options]\n\nCommands:\n${lines.join('\n')}\n\nnearcast <command> --help tells more.\n`
}

const main = async ([name, ...args]: readonly string[]): Promise<number> => {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(await usage())
    return name === undefined ? 2 : 0
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (load === undefined) throw new UsageError(`unknown command "${name}"; nearcast --help lists them`)
  const { command } = await load()
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(command.help)
    return 0
  }
  return command.run(args)
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const bad =
      error instanceof UsageError ||
      (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
    process.stderr.write(
      bad
        ? `nearcast: ${error.message}\n`
        : `nearcast: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
    process.exitCode = bad ? 2 : 1
  },
)
