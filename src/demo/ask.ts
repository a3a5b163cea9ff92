/** Asks the worker for predictions, each with its explanation and with where the time went. */
import type { Prediction } from '../protocol/answers.ts'

export interface Stage {
  readonly name: string
  /** Milliseconds by the clock of the worker; `null`: it stood still. */
  readonly milliseconds: number | null
}

export interface Answered {
  readonly prediction: Prediction
  readonly stages: readonly Stage[]
  /** From the question to the answer, network and all, by the clock of this browser. */
  readonly milliseconds: number
}

/** `predict;dur=1.5, zip` is two stages. */
export const stagesOf = (serverTiming: string): readonly Stage[] =>
  serverTiming.split(',').flatMap((entry) => {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim())
    if (name === '') return []
    const duration = parameters.find((parameter) => parameter.startsWith('dur='))
    const milliseconds = duration === undefined ? Number.NaN : Number(duration.slice(4))
    return [{ name, milliseconds: Number.isFinite(milliseconds) ? milliseconds : null }]
  })

const DEADLINE_MILLISECONDS = 8_000

/** Throws an Error with words for people. */
export const ask = async (model: string, fields: Readonly<Record<string, unknown>>): Promise<Answered> => {
  const start = performance.now()
  const answer = await fetch(`/v1/predict?model=${encodeURIComponent(model)}&explain=true`, {
    method: 'POST',
    // Text, as a beacon sends it: no preflight, wherever the page comes from.
    headers: { 'content-type': 'text/plain' },
    body: JSON.stringify({ createdDateTime: Date.now(), ...fields }),
    signal: AbortSignal.timeout(DEADLINE_MILLISECONDS),
  })
  const body: unknown = await answer.json()
  const milliseconds = performance.now() - start
  if (!answer.ok) {
    const { detail } = body as { readonly detail?: string }
    throw new Error(detail ?? `the worker answered ${answer.status}`)
  }
  return {
    prediction: body as Prediction,
    stages: stagesOf(answer.headers.get('server-timing') ?? ''),
    milliseconds,
  }
}
