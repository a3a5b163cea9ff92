/** Gives an output of a graph the name it is to be answered under. */
import { UsageError } from '../command.ts'
import { type GraphModel, mainGraph } from './graph-model.ts'

/** Puts an Identity behind output `from`. Throws a UsageError when there is no such output, or when `to` is taken. */
export const renameOutput = (model: GraphModel, from: string, to: string): void => {
  const graph = mainGraph(model)
  const output = graph.output?.find(({ name }) => name === from)
  if (output === undefined) {
    const names = graph.output?.map(({ name }) => `"${name}"`).join(', ')
    throw new UsageError(`the graph has no output "${from}"; it has ${names}`)
  }
  const taken = [...(graph.input ?? []), ...(graph.initializer ?? [])].some(({ name }) => name === to)
  if (taken || graph.node?.some((node) => node.input?.includes(to) || node.output?.includes(to))) {
    throw new UsageError(`"${to}" is another value of the graph; give output "${from}" another name`)
  }
  output.name = to
  graph.node?.push({ opType: 'Identity', domain: '', name: to, input: [from], output: [to], attribute: [] })
}
