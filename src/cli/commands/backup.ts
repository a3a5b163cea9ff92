/** `nearcast backup`: saves what a deployment knows of its releases. */
import { renameSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Backup, makeBackup } from '../backup/backup.ts'
import { type Command, UsageError } from '../command.ts'
import { unlessRefused } from '../release/admin-client.ts'
import { DEFAULT_URL, DEPLOYMENT_FLAGS, readDeployment } from '../release/deployment.ts'

const help = `Usage: nearcast backup --output FILE [options]

Saves the release of every model with its whole history, and the list of its published versions with their digests, as
JSON. The file says what it does not hold (files of versions, the archive, statistics, dead letters, tokens), and the
commands that bring another deployment to the same release. There the history begins anew.

Options:
  --output FILE             where to; - is standard output
  --url URL                 the deployment (default: ${DEFAULT_URL})
  --token TOKEN             its ADMIN_TOKEN (default: the variable of that name; for a deployment on this
                            machine also what .dev.vars says)

Exit code 1 when the deployment refuses or cannot be reached; nothing is written then. 2 for bad input.

Example:
  $ npx nearcast backup --url https://nearcast.example.workers.dev --output releases.json
`

const textOf = ({ models, not_contained, restore }: Backup, output: string): string => {
  const lines = models.map(
    ({ name, release, history, published }) =>
      `  ${name}: stable ${release.stable}, revision ${release.revision}, ${history.length} changes, ${published.length} published versions\n`,
  )
  const without = not_contained.map((what) => `  - ${what}\n`)
  const steps = restore.map((step) => `  $ npx ${step}\n`)
  return [
    `${output}\n`,
    ...lines,
    'It does not hold\n',
    ...without,
    'To restore, on another deployment\n',
    ...steps,
  ].join('')
}

const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: { url: DEPLOYMENT_FLAGS.url, token: DEPLOYMENT_FLAGS.token, output: { type: 'string' } },
  })
  const { output } = values
  if (output === undefined) throw new UsageError('name where to: --output FILE')
  const deployment = readDeployment(values, process.env)
  return unlessRefused('backup', async () => {
    const backup = await makeBackup(deployment, Date.now())
    const text = `${JSON.stringify(backup, null, 2)}\n`
    if (output === '-') {
      process.stdout.write(text)
    } else {
      // Whole or not at all.
      writeFileSync(`${output}.part`, text)
      renameSync(`${output}.part`, output)
    }
    process.stderr.write(textOf(backup, output))
  })
}

export const command: Command = { summary: "saves a deployment's releases and their history", help, run }
