/** `nearcast release`: which version answers which share? */
import { parseArgs } from 'node:util'
import { releaseChangedSchema, releaseHistorySchema } from '../../protocol/admin.ts'
import { type Command, UsageError } from '../command.ts'
import { clientOf, unlessRefused } from '../release/admin-client.ts'
import { DEPLOYMENT_FLAGS, DEPLOYMENT_HELP, loginName, readDeployment } from '../release/deployment.ts'
import { readAction } from '../release/read-command.ts'
import { changedText, historyText, statusText } from '../release/report.ts'

const help = `Usage: nearcast release MODEL [status] [options]
       nearcast release MODEL history [--limit N]
       nearcast release MODEL canary VERSION SHARE     begins a canary with that share of the visitors, or changes it
       nearcast release MODEL shadow VERSION|none      runs a version after the answers, for comparison, or ends that
       nearcast release MODEL promote                  the canary becomes stable
       nearcast release MODEL rollback                 ends the canary; where there is none, back to the version before
       nearcast release MODEL switch VERSION           from one stable version to another at once
       nearcast release MODEL hold [--for TIME]        stops every automatic move
       nearcast release MODEL resume

Shows or changes which version answers which share, and says who follows by when. A visitor keeps a version.

Options:
${DEPLOYMENT_HELP}  --expected-revision N     only if the release is still at revision N
  --reason TEXT             why, for the history
  --for TIME                how long to hold: 30m, 2h, 1d (default: until somebody resumes)
  --limit N                 entries of the history (default: 20)

Exit code 1 when the deployment refuses or cannot be reached, 2 for bad input.

Example:
  $ npx nearcast release late-arrival canary 1.1.0 5% --reason "one hour in shadow was clean"
`

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...DEPLOYMENT_FLAGS,
      'expected-revision': { type: 'string' },
      reason: { type: 'string' },
      for: { type: 'string' },
      limit: { type: 'string' },
    },
  })
  const [model, ...words] = positionals
  if (model === undefined) throw new UsageError('name the model; nearcast release --help tells more')
  const action = readAction(words, values, Date.now())
  const client = clientOf(readDeployment(values, process.env))
  const path = { model }
  const print = <T>(answer: T, text: (answer: T) => string): void => {
    process.stdout.write(values.json ? `${JSON.stringify(answer)}\n` : text(answer))
  }
  return unlessRefused('release', async () => {
    if (action.kind === 'command') {
      const body = JSON.stringify({ ...action.body, by: values.by ?? loginName() })
      const call = { path, body, contentType: 'application/json' }
      const answer = await client.post('/admin/models/{model}/release', call)
      print(releaseChangedSchema.parse(answer), changedText)
    } else {
      const limit = action.kind === 'history' ? action.limit : 1
      const answer = releaseHistorySchema.parse(
        await client.get('/admin/models/{model}/release', { path, query: { limit } }),
      )
      if (action.kind === 'history') print(answer, historyText)
      else print(answer, statusText)
    }
  })
}

export const command: Command = { summary: 'shows and changes which version answers which share', help, run }
