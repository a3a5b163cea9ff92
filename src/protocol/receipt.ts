/** What a receipt says, as the bytes that are signed: which event was answered, by which version, when, and what was foretold. */
import { type Foretold, MAX_LABELS } from '../core/accuracy/foretold.ts'
import { readForetold } from '../core/accuracy/scored.ts'
import { Failure, quote } from '../core/failure.ts'
import { isJsonObject } from '../core/json.ts'
import type { Prediction } from './answers.ts'
import type { Manifest } from './manifest.ts'

export interface Receipt {
  /** Of the event. */
  readonly id: string
  readonly model: string
  readonly version: string
  /** Epoch milliseconds. */
  readonly answeredAt: number
  /** By name; `null` where no model ran, so that nothing was foretold. */
  readonly outputs: { readonly [name: string]: Foretold } | null
}

/** The format this code writes. Change it with the meaning of a place below, and go on reading those before. */
const FORMAT = 1
/** A probability of a distribution is written in so many parts: five digits, of which scores need three. */
const PARTS = 100_000

type Distribution = readonly [probabilities: readonly number[], labels?: readonly (string | number)[]]

/** `[format, answered at, id, model, version, outputs by kind]`: half as long as with names. */
type Payload = readonly [
  typeof FORMAT,
  number,
  string,
  string,
  string,
  {
    p?: Record<string, number>
    v?: Record<string, number>
    d?: Record<string, Distribution>
  } | null,
]

const isCounted = (labels: readonly (string | number)[]): boolean => labels.every((label, at) => label === at)

/**
 * The outputs that can be scored: without distributions over more than `MAX_LABELS` labels. `manifest` is the version's that answered; `null`:
 * no model ran, or it is not known here.
 */
export const writeReceipt = (prediction: Prediction, manifest: Manifest | null, answeredAt: number): string => {
  const outputs: NonNullable<Payload[5]> = {}
  for (const { name, kind } of manifest?.outputs ?? []) {
    const said = prediction.outputs[name]
    if (typeof said === 'number') {
      if (kind === 'probability') outputs.p = { ...outputs.p, [name]: said }
      else outputs.v = { ...outputs.v, [name]: said }
    } else if (said !== undefined && said.labels.length <= MAX_LABELS) {
      const probabilities = said.probabilities.map((probability) => Math.round(probability * PARTS) / PARTS)
      outputs.d = { ...outputs.d, [name]: isCounted(said.labels) ? [probabilities] : [probabilities, said.labels] }
    }
  }
  const { id, model_name, model_version } = prediction
  const payload: Payload = [FORMAT, Math.floor(answeredAt), id, model_name, model_version, manifest && outputs]
  return JSON.stringify(payload)
}

const unknown = (what: string): Failure =>
  new Failure('invalid_receipt', `the receipt is signed, but ${what}`, 'receipt')

const readOutputs = (given: unknown): Receipt['outputs'] => {
  if (given === null) return null
  const outputs = new Map<string, Foretold>()
  const { p, v, d } = isJsonObject(given) ? given : {}
  const numbers = (kind: 'probability' | 'value', by: unknown): void => {
    for (const [name, said] of Object.entries(isJsonObject(by) ? by : {}))
      outputs.set(name, readForetold({ kind, said }, name))
  }
  numbers('probability', p)
  numbers('value', v)
  for (const [name, said] of Object.entries(isJsonObject(d) ? d : {})) {
    const [probabilities, labels] = Array.isArray(said) ? said : []
    const counted = Array.isArray(probabilities) ? probabilities.map((_, at) => at) : []
    outputs.set(name, readForetold({ kind: 'distribution', probabilities, labels: labels ?? counted }, name))
  }
  return Object.fromEntries(outputs)
}

/** Reads bytes whose signature fits. Throws Failure `invalid_receipt` for another format. */
export const readReceipt = (bytes: Uint8Array): Receipt => {
  let payload: unknown
  try {
    payload = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw unknown('what it says is no JSON')
  }
  const [format, answeredAt, id, model, version, outputs]: readonly unknown[] = Array.isArray(payload) ? payload : []
  if (format !== FORMAT) throw unknown(`its format is ${quote(format ?? null)}; this deployment knows ${FORMAT}`)
  if (
    typeof answeredAt !== 'number' ||
    typeof id !== 'string' ||
    typeof model !== 'string' ||
    typeof version !== 'string'
  )
    throw unknown('it lacks time, id, model or version')
  try {
    return { id, model, version, answeredAt, outputs: readOutputs(outputs) }
  } catch (error) {
    throw unknown(`its outputs cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
