/** The entry of a thread: is told once what to do, then answers one request after the other, handing over the memory of what it answers. */
import { parentPort } from 'node:worker_threads'
import { UsageError } from '../../command.ts'
import { Lane } from '../rows/lane.ts'
import { ZipTable } from '../zip-table.ts'
import type { Reply, Request, ThreadSetup } from './messages.ts'

/** Shared memory is there already. */
const transferable = ({ buffer }: Uint8Array): ArrayBuffer[] => (buffer instanceof ArrayBuffer ? [buffer] : [])

const answer = (lane: Lane, request: Request): { readonly reply: Reply; readonly transfer: ArrayBuffer[] } => {
  if ('encode' in request) {
    const group = lane.encode(request.encode.columns, request.encode.batches, request.encode.memory)
    return { reply: { group }, transfer: transferable(group.bytes) }
  }
  const block = lane.read(request.read, request.spare)
  const { output } = block
  return { reply: { block }, transfer: 'rows' in output ? [] : [output.buffer] }
}

const serve = (lane: Lane, request: Request): void => {
  try {
    const { reply, transfer } = answer(lane, request)
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
}

parentPort?.once('message', ({ plan, zips, keepRejects }: ThreadSetup) => {
  const lane = new Lane(plan, new ZipTable(zips), keepRejects)
  parentPort?.on('message', (request: Request) => serve(lane, request))
})
