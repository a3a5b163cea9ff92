/** Writes the results of blocks, in order, as one table. */
import type { Batch } from '../rows/batch.ts'
import type { OutputFile } from './output-file.ts'

export interface TableWriter {
  add(output: Batch | Uint8Array<ArrayBuffer>): Promise<void>
  /** Writes what is still held, and the end of the table; the file is then ready to be committed. */
  finish(): Promise<void>
}

/** Lines, below a header where the form has one. */
export const lineWriter = (file: OutputFile, header: string): TableWriter => {
  let isBegun = header === ''
  const begin = async (): Promise<void> => {
    if (isBegun) return
    isBegun = true
    await file.write(Buffer.from(header))
  }
  return {
    async add(output) {
      if ('rows' in output) throw new Error('expected lines, got columns')
      await begin()
      await file.write(output)
    },
    finish: begin,
  }
}
