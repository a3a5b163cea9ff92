/** `nearcast dead-letters`: which events were given up, and what is to become of them? */
import { parseArgs } from 'node:util'
import { letterPageSchema, letterWithPayloadSchema } from '../../protocol/dead-letters.ts'
import type { Command } from '../command.ts'
import { LETTER_FLAGS, readLetterAction } from '../dead-letters/read-command.ts'
import { discardText, inspectText, pageText, replayText } from '../dead-letters/report.ts'
import { discardAll, replayAll } from '../dead-letters/run-pages.ts'
import { clientOf, RefusedError, unlessRefused } from '../release/admin-client.ts'
import { DEPLOYMENT_FLAGS, DEPLOYMENT_HELP, readDeployment } from '../release/deployment.ts'
import { type Progress, startProgress } from '../train/progress.ts'

const help = `Usage: nearcast dead-letters [list] [filter] [--limit N]
       nearcast dead-letters show ID                        one letter with its payload
       nearcast dead-letters replay ID…|filter|--all        repairs and processes them again
       nearcast dead-letters discard ID…|filter|--all --reason TEXT

Events that were given up: unreadable bodies, events without a usable time, predictions that failed for good. A
letter is replayed as a whole and has one effect, however often that is done or interrupted. What still fails
stays a dead letter.

Filter (replay and discard take waiting letters unless --state names another state):
  --state STATE             waiting, replaying, replayed or discarded
  --stage STAGE             receive, read, predict, archive or deliver
  --code CODE               why it was given up: missing_time, ambiguous_time, invalid_json, …
  --model MODEL
  --from TIME, --to TIME    when it first failed: 2026-11-25, or 2026-11-25T13:00:00Z
  --all                     replay, discard: no filter

Options:
${DEPLOYMENT_HELP}  --limit N                 letters of the list, 1 to 500 (default: 50)
  --fixes FILE.json         rules applied to each event before it is replayed, in their order:
                            [{"op":"rename","from":"ts","to":"createdDateTime"},
                             {"op":"cast","path":"createdDateTime","to":"epoch_milliseconds","unit":"s"},
                             {"op":"set","path":"createdDateTime","from":"received_at","if_missing":true},
                             {"op":"set","path":"zipCode","value":"94107"}]
  --dry-run                 only say what would become of them
  --again                   also letters that are being replayed already
  --reason TEXT             why they are discarded

Exit code 1 when letters could not be replayed, the deployment refuses or cannot be reached; 2 for bad input.

Example:
  $ npx nearcast dead-letters replay --code missing_time --fixes rename-ts.json --dry-run
`

const withProgress = async <T>(label: string, work: (progress: Progress) => Promise<T>): Promise<T> => {
  const progress = startProgress(process.stderr, label)
  try {
    const result = await work(progress)
    progress.done('done')
    return result
  } catch (error) {
    progress.done('broken off; what was done until here stays done, so the same command goes on')
    throw error
  }
}

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { ...DEPLOYMENT_FLAGS, ...LETTER_FLAGS },
  })
  const action = readLetterAction(positionals, values)
  const deployment = readDeployment(values, process.env)
  const client = clientOf(deployment)
  const print = <T>(answer: T, text: (answer: T) => string): void => {
    process.stdout.write(values.json ? `${JSON.stringify(answer)}\n` : text(answer))
  }
  return unlessRefused('dead-letters', async () => {
    switch (action.kind) {
      case 'list': {
        const query = { ...action.filter, limit: action.limit }
        return print(letterPageSchema.parse(await client.get('/admin/dead-letters', { query })), pageText)
      }
      case 'show': {
        const answer = await client.get('/admin/dead-letters/{id}', { path: { id: action.id } })
        return print(letterWithPayloadSchema.parse(answer), inspectText)
      }
      case 'replay': {
        const answer = await withProgress(action.isDry ? 'trying' : 'replaying', (progress) =>
          replayAll(deployment, action, progress),
        )
        print(answer, replayText)
        const left = answer.letters.length - answer.counts.replaying - answer.counts.would_replay
        if (left > 0) throw new RefusedError(`${left} of ${answer.letters.length} letters stay as they are`)
        return
      }
      case 'discard':
        return print(
          await withProgress('discarding', (progress) => discardAll(deployment, action, progress)),
          discardText,
        )
    }
  })
}

export const command: Command = { summary: 'lists, replays and discards events that were given up', help, run }
