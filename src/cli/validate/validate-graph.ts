/** Validates a graph that has no manifest yet: can it be loaded, filled and answered from? */
import { readFile } from 'node:fs/promises'
import type { ModelRuntime, ModelSession } from '../../serving/ports.ts'
import { UsageError } from '../command.ts'
import type { GraphModel } from '../graph/graph-model.ts'
import { checkSize } from './budgets.ts'
import { type Check, counted, failed, passed } from './check.ts'
import { openGraph } from './graph-checks.ts'

const checkInterface = ({ inputs, outputs }: ModelSession, model: GraphModel | undefined): Check => {
  const others = (model?.graph?.output ?? []).flatMap(({ name }) =>
    outputs.some((output) => output.name === name)
      ? []
      : [`output "${name}": no tensor; nearcast import takes a ZipMap off`],
  )
  const details = [
    ...inputs.map(({ name, datatype, shape }) => `input "${name}": ${datatype} [${shape.join(', ')}]`),
    ...outputs.map(({ name }) => `output "${name}"`),
    ...others,
  ]
  const fixed = inputs.filter(({ shape }) => shape.length > 0 && typeof shape[0] === 'number' && shape[0] !== -1)
  if (fixed.length > 0) {
    const names = fixed.map(({ name }) => `"${name}"`).join(', ')
    return failed('signature', `${names} takes a fixed number of rows; export it with a free first dimension`, {
      details,
    })
  }
  if (outputs.length === 0) return failed('signature', 'it puts out no tensor', { details })
  return passed('signature', `${counted(inputs.length, 'input')}, ${counted(outputs.length, 'tensor')} out`, {
    details,
  })
}

/** Throws a UsageError when `path` cannot be read. */
export const validateGraph = async (path: string, runtime: ModelRuntime, maximumBytes: number): Promise<Check[]> => {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new UsageError(`cannot read ${path}: ${error.message}`)
  })
  const { checks, session, model } = await openGraph(bytes, runtime)
  if (session === undefined) return [...checks, checkSize(bytes.length, maximumBytes)]
  await session.release()
  return [...checks, checkInterface(session, model), checkSize(bytes.length, maximumBytes)]
}
