/** Which operators a graph is made of, and of which operator sets. */
import { domainOf, type GraphModel, type GraphNode, graphsOf, mainGraph } from './graph-model.ts'

export interface Opset {
  readonly domain: string
  readonly version: number
}

export interface Operator {
  readonly domain: string
  readonly type: string
  readonly count: number
  /** One of its nodes. */
  readonly node: GraphNode
}

export const opsetsOf = (model: GraphModel): Opset[] =>
  model.opsetImport.map(({ domain, version }) => ({ domain: domainOf(domain), version: Number(version) }))

/** The operators of all graphs inside `model`, by domain and name; the model's own functions are looked into, not listed. */
export const operatorsOf = (model: GraphModel): Operator[] => {
  const key = (domain: string, type: string): string => `${domain}:${type}`
  const own = new Set(model.functions.map(({ domain, name }) => key(domainOf(domain), name ?? '')))
  const found = new Map<string, Operator>()
  const count = (node: GraphNode): void => {
    const domain = domainOf(node.domain)
    const type = node.opType ?? ''
    const name = key(domain, type)
    if (!own.has(name)) found.set(name, { domain, type, count: (found.get(name)?.count ?? 0) + 1, node })
  }
  const bodies = model.functions.map(({ node }) => ({ node: node ?? null }))
  for (const root of [mainGraph(model), ...bodies]) {
    for (const graph of graphsOf(root)) for (const node of graph.node ?? []) count(node)
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, operator]) => operator)
}
