/** One table, in a file or on standard output, for all sources. */
import type { FeaturizePlan } from '../plan.ts'
import type { Destination, Notes } from './destination.ts'
import { tableWriter, writeRejects } from './destination.ts'
import type { OutputFile } from './output-file.ts'
import type { TableWriter } from './table-writer.ts'

export const singleTable = (
  plan: FeaturizePlan,
  output: OutputFile,
  rejectFile: OutputFile | undefined,
  notes: Notes,
): Destination => {
  let table: TableWriter | undefined
  return {
    isByPart: false,
    isFinished: () => false,
    async begin(_, lanes) {
      table ??= tableWriter(plan, plan.columns, output, lanes, notes)
    },
    async add(source, result, rejects) {
      await table?.add(result.output)
      if (rejectFile !== undefined) await writeRejects(rejectFile, source.name, rejects)
    },
    async end() {},
    async finish() {
      await table?.finish()
      await rejectFile?.commit()
      await output.commit()
    },
    async refuse() {
      await rejectFile?.commit()
      await output.discard()
    },
    async discard() {
      await output.discard()
      await rejectFile?.discard()
    },
  }
}
