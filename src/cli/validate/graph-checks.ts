/** Whether the runtime that serves can run a graph, whatever its manifest says. */
import type { ModelRuntime, ModelSession } from '../../serving/ports.ts'
import { externalTensors } from '../graph/external-data.ts'
import { decodeModel, type GraphModel } from '../graph/graph-model.ts'
import { operatorsOf, opsetsOf } from '../graph/operators.ts'
import { knowsOperator, knowsOpset, newestOpset } from '../graph/probe.ts'
import { type Check, failed, passed, reasonOf, skipped } from './check.ts'

const checkOpsets = async (model: GraphModel, runtime: ModelRuntime): Promise<Check> => {
  const opsets = opsetsOf(model)
  const said = opsets.map(({ domain, version }) => `${domain} ${version}`).join(', ')
  const figures = Object.fromEntries(opsets.map(({ domain, version }) => [domain, version]))
  const details: string[] = []
  for (const opset of opsets) {
    if (await knowsOpset(runtime, opset)) continue
    const newest = await newestOpset(runtime, opset.domain, opset.version)
    details.push(
      `${opset.domain} ${opset.version}: this runtime takes ${newest} and older; export with target_opset ${newest}`,
    )
  }
  return details.length === 0
    ? passed('opset', said, { figures })
    : failed('opset', `${said}: newer than this runtime`, { details, figures })
}

const checkOperators = async (model: GraphModel, runtime: ModelRuntime): Promise<Check> => {
  const operators = operatorsOf(model)
  const unknown: string[] = []
  for (const { domain, type, count, node } of operators) {
    if (!(await knowsOperator(runtime, node, opsetsOf(model)))) unknown.push(`${domain}.${type} (${count} times)`)
  }
  const names = operators.map(({ type, count }) => (count === 1 ? type : `${type} × ${count}`)).join(', ')
  return unknown.length === 0
    ? passed('operators', names, { figures: { kinds: operators.length } })
    : failed('operators', `${unknown.length} of ${operators.length} are not known to the runtime`, { details: unknown })
}

export interface OpenedGraph {
  readonly checks: readonly Check[]
  /** `undefined` where the graph does not load. The caller releases it. */
  readonly session: ModelSession | undefined
  /** `undefined` where the file is no ONNX model. */
  readonly model: GraphModel | undefined
}

interface Loaded {
  readonly check: Check
  readonly session: ModelSession | undefined
}

/** ORT starts before the clock does. */
const loadGraph = async (bytes: Uint8Array, runtime: ModelRuntime): Promise<Loaded> => {
  await knowsOpset(runtime, { domain: 'ai.onnx', version: 1 })
  const start = performance.now()
  try {
    const session = await runtime.open(bytes)
    const milliseconds = performance.now() - start
    const figures = { load_milliseconds: milliseconds }
    return { check: passed('graph', `loads in ${milliseconds.toFixed(1)} ms`, { figures }), session }
  } catch (error) {
    return { check: failed('graph', reasonOf(error)), session: undefined }
  }
}

/** Says what to do about weights that are not in the file. */
const explained = (check: Check, model: GraphModel): Check => {
  const outside = externalTensors(model)
  if (check.status !== 'failed' || outside === 0) return check
  const advice = `${outside} of its weights are in another file; nearcast import moves them into the graph`
  return { ...check, details: [advice] }
}

/** Checks `graph`, `opset` and `operators`. Operators of an operator set that is too new cannot be told and are skipped. */
export const openGraph = async (bytes: Uint8Array, runtime: ModelRuntime): Promise<OpenedGraph> => {
  const { check, session } = await loadGraph(bytes, runtime)
  let model: GraphModel
  try {
    model = decodeModel(bytes, 'the file')
  } catch (error) {
    const reason = reasonOf(error)
    return { checks: [check, skipped('opset', reason), skipped('operators', reason)], session, model: undefined }
  }
  const opsets = await checkOpsets(model, runtime)
  const operators =
    opsets.status === 'passed'
      ? await checkOperators(model, runtime)
      : skipped('operators', 'not to be told while the operator set is unknown')
  return { checks: [explained(check, model), opsets, operators], session, model }
}
