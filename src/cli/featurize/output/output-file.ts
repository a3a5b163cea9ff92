/** Files that stand under their final name only when they are whole. */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Writable } from 'node:stream'

/** Where bytes of the output go. Each call is awaited before the next one. */
export interface OutputFile {
  /** What messages call it. */
  readonly name: string
  write(bytes: Uint8Array): Promise<void>
  /** Everything was written: puts it under its final name. */
  commit(): Promise<void>
  /** Leaves nothing behind; also after a write that failed, and twice. */
  discard(): Promise<void>
}

/** An output that cannot be written: a full disk, a closed pipe. Exit code 1. */
export class OutputFailure extends Error {
  override readonly name = 'OutputFailure'
  /** The system's own word for it, for example ENOSPC. */
  readonly code: string | undefined

  constructor(output: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
    const reason =
      code === 'ENOSPC' ? 'no space is left on the device' : cause instanceof Error ? cause.message : String(cause)
    super(`cannot write ${output}: ${reason}`, { cause })
    this.code = code
  }
}

/** Opens an output for the path that it will have in the end. */
export type OpenOutput = (path: string) => Promise<OutputFile>

const failing = async <T>(name: string, work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    throw new OutputFailure(name, error)
  }
}

/**
 * A file beside its final path until it is committed; a device or a named pipe is written as it is. Rejects with an OutputFailure, as its
 * methods do.
 */
export const openOutputFile: OpenOutput = async (path) => {
  const folder = dirname(path)
  const known = await stat(path).catch(() => undefined)
  const isSpecial = known !== undefined && !known.isFile()
  const temporary = isSpecial ? undefined : join(folder, `.${basename(path)}.${process.pid}.part`)
  await failing(path, mkdir(folder, { recursive: true }))
  const file = await failing(path, open(temporary ?? path, 'w'))
  let isOpen = true
  const close = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await file.close()
  }
  return {
    name: path,
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await failing(path, file.write(bytes, at))
        at += bytesWritten
      }
    },
    async commit() {
      if (temporary !== undefined) await failing(path, file.sync())
      await failing(path, close())
      if (temporary !== undefined) await failing(path, rename(temporary, path))
    },
    async discard() {
      await close().catch(() => undefined)
      if (temporary !== undefined) await rm(temporary, { force: true })
    },
  }
}

/** A stream that is written as it comes: nothing of it can be taken back. */
export const streamOutput = (stream: Writable, name: string): OutputFile => {
  let failure: Error | undefined
  stream.on('error', (error: Error) => {
    failure ??= error
  })
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) reject(failure)
      else stream.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
  return {
    name,
    write: (bytes) => (bytes.length === 0 ? Promise.resolve() : failing(name, write(bytes))),
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  }
}
