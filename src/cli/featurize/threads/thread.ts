/** A lane in a thread of its own. */
import { Worker } from 'node:worker_threads'
import { UsageError } from '../../command.ts'
import type { EncodedGroup } from '../parquet/row-group.ts'
import type { BlockResult } from '../rows/block.ts'
import type { Reply, Request, SentError, ThreadSetup } from './messages.ts'
import type { RemoteLane } from './remote-lane.ts'

/** Built beside the command by the `build` script. */
const ENTRY = new URL('./featurize-thread.js', import.meta.url)

/** What a thread allocates lives for a row or for the run: a larger nursery would only hold more of what is dead. */
const YOUNG_MEBIBYTES = 16

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

const received = ({ isUsage, message, stack }: SentError): Error => {
  if (isUsage) return new UsageError(message)
  const error = new Error(message)
  if (stack !== undefined) error.stack = stack
  return error
}

/** A thread that loads its code already, while the caller reads what it will need. */
export interface Thread {
  /** Called once. */
  begin(setup: ThreadSetup): RemoteLane
  /** Ends it at once, whether it began or not. */
  close(): Promise<void>
}

export const startThread = (): Thread => {
  const worker = new Worker(ENTRY, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEBIBYTES } })
  const waiting: Waiting[] = []
  let ended: Error | undefined
  const fail = (error: Error): void => {
    ended ??= error
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  worker.on('message', (reply: Reply) => {
    const next = waiting.shift()
    if ('error' in reply) next?.reject(received(reply.error))
    else next?.resolve(reply)
  })
  worker.on('error', fail)
  worker.on('exit', (code) => fail(new Error(`a thread ended with exit code ${code}`)))

  const ask = (request: Request, transfer: ArrayBuffer[]): Promise<Reply> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) {
        reject(ended)
        return
      }
      // Throws what cannot be sent; then no reply is to be waited for.
      worker.postMessage(request, transfer)
      waiting.push({ resolve, reject })
    })
  const unexpected = (): never => {
    throw new Error('a thread answered what it was not asked')
  }
  const close = async (): Promise<void> => {
    await worker.terminate()
  }
  const lane: RemoteLane = {
    async read(block, spare): Promise<BlockResult> {
      const { input } = block
      const reply = await ask({ read: block, spare }, 'bytes' in input ? [input.bytes.buffer] : [])
      return 'block' in reply ? reply.block : unexpected()
    },
    async encode(columns, batches, memory): Promise<EncodedGroup> {
      const reply = await ask({ encode: { columns, batches, memory } }, [])
      return 'group' in reply ? reply.group : unexpected()
    },
    close,
  }
  return {
    begin(setup) {
      worker.postMessage(setup)
      return lane
    },
    close,
  }
}
