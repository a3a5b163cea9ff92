/** The entry of a thread: answers one request after the other, handing over the memory of what it answers. */
import { parentPort, workerData } from 'node:worker_threads'
import { UsageError } from '../../command.ts'
import { buffersOf } from '../rows/batch.ts'
import { Lane } from '../rows/lane.ts'
import { ZipTable } from '../zip-table.ts'
import type { Reply, Request, ThreadSetup } from './messages.ts'

const { plan, keepRejects } = workerData as ThreadSetup

let lane: Lane | undefined

const answer = (request: Request): { readonly reply: Reply; readonly transfer: ArrayBuffer[] } => {
  lane ??= new Lane(plan, new ZipTable(plan.zips), keepRejects)
  if ('encode' in request) {
    const group = lane.encode(request.encode.columns, request.encode.batches, request.encode.memory)
    return { reply: { group }, transfer: [group.bytes.buffer] }
  }
  const block = lane.read(request.read)
  const { output } = block
  return { reply: { block }, transfer: 'rows' in output ? buffersOf(output) : [output.buffer] }
}

parentPort?.on('message', (request: Request) => {
  try {
    const { reply, transfer } = answer(request)
    parentPort?.postMessage(reply, transfer)
  } catch (error) {
    const isError = error instanceof Error
    const reply: Reply = {
      error: {
        isUsage: error instanceof UsageError,
        message: isError ? error.message : String(error),
        stack: isError ? error.stack : undefined,
      },
    }
    parentPort?.postMessage(reply)
  }
})
