/** The client of a deployment, as commands use it, and how they tell that it refused. */
import { type Client, createClient } from '../../client/client.ts'
import { ClientError } from '../../client/errors.ts'

/** What was asked for did not come about: told without a stack, exit code 1. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

export interface Deployment {
  readonly url: URL
  readonly token: string
}

/** The exit code of `work`, 1 where it was refused or not answered: `command` says why. */
export const unlessRefused = async (command: string, work: () => Promise<void>): Promise<number> => {
  try {
    await work()
    return 0
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof ClientError)) throw error
    process.stderr.write(`nearcast ${command}: ${error.message}\n`)
    return 1
  }
}

/** Publishing takes the longest: 25 MiB, and their check. */
const ANSWER_MILLISECONDS = 120_000

/** Its calls throw a ClientError with the reason the deployment gives. */
export const clientOf = ({ url, token }: Deployment, deadlineMilliseconds = ANSWER_MILLISECONDS): Client =>
  createClient({ url, token, deadlineMilliseconds })
