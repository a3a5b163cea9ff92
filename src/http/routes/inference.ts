/** Open Inference Protocol V2: what KServe, MLServer, Triton and their clients speak. */
import type { Hono } from 'hono'
import { deadlineIn } from '../../core/clock.ts'
import { Failure } from '../../core/failure.ts'
import { readInferenceRequest } from '../../protocol/inference.ts'
import { refuseMediaType } from '../../protocol/media-type.ts'
import { ROUTES } from '../../protocol/routes.ts'
import type { ChosenVersion, Patience } from '../../serving/infer.ts'
import { bind } from '../bind.ts'
import { readBytes } from '../body.ts'
import type { AppEnv, Exchange } from '../exchange.ts'
import { refuseToken } from '../middleware/token.ts'
import { replyJson, replyLongIntegers, replyProblem } from '../reply.ts'

/** How long a version may take to be loaded for one who only asks about it. */
const ASK_MILLISECONDS = 5_000

/** What every handler of a model's routes is given. */
interface Asked {
  readonly request: Request
  readonly exchange: Exchange
  param(name: string): string
}

/** The same for those who answer for the version that was chosen. */
interface Chosen extends Asked {
  /** What choosing left of a prediction's time. */
  readonly leftMilliseconds: number
}

const patienceOf = ({ services, background }: Exchange, milliseconds: number): Patience => ({
  deadline: deadlineIn(services.clock, milliseconds),
  background,
})

/** Calls `answer` with the version that is meant. One that answers nobody is for those who may write: it would be loaded. */
const withVersion =
  (answer: (chosen: ChosenVersion, asked: Chosen) => Promise<Response>) =>
  async (asked: Asked): Promise<Response> => {
    const { request, exchange, param } = asked
    const { inference, predictMilliseconds } = exchange.services
    const patience = patienceOf(exchange, predictMilliseconds)
    const chosen = await inference.choose(param('model'), param('version') || undefined, patience)
    const leftMilliseconds = patience.deadline.remainingMilliseconds()
    const refusal = chosen.mayAnswer ? null : await refuseToken(exchange, request, 'write', false)
    return refusal ?? answer(chosen, { ...asked, leftMilliseconds })
  }

const metadata = withVersion(async (chosen, { exchange }) => {
  const { inference, models } = exchange.services
  const described = await inference.describe(chosen, patienceOf(exchange, ASK_MILLISECONDS))
  const { versions } = models().find(({ name }) => name === chosen.name) ?? described
  return replyJson(exchange, { ...described, versions })
})

const ready = withVersion(async (chosen, { exchange }) => {
  const patience = patienceOf(exchange, ASK_MILLISECONDS)
  const error = await exchange.services.inference.whyNotReady(chosen, patience)
  return error === null
    ? replyJson(exchange, { name: chosen.name, ready: true })
    : replyJson(exchange, { name: chosen.name, ready: false, error }, 503)
})

/** The binary tensor extension of Triton puts tensors behind the JSON; its clients can be told not to. */
const refuseBinaryTensors = (headers: Headers): void => {
  if (!headers.has('inference-header-content-length')) return
  throw new Failure(
    'unsupported_media_type',
    'binary tensor data is not read here; send "data" as JSON (tritonclient: set_data_from_numpy(…, binary_data=False))',
  )
}

const infer = withVersion(async (chosen, { request, exchange, leftMilliseconds }) => {
  const { background, services, stages } = exchange
  refuseBinaryTensors(request.headers)
  refuseMediaType(request.headers.get('content-type'), request.headers.get('content-encoding'))
  const body = readInferenceRequest(await readBytes(request, services, 'json'))
  stages.end('parse')
  const patience = patienceOf(exchange, leftMilliseconds)
  const answer = await services.inference.infer(chosen, body, services.limits, patience)
  stages.end('infer')
  services.observer.afterAnswer(background)
  if (answer instanceof Failure) return replyProblem(exchange, answer)
  const measured = { model: answer.model_name, version: answer.model_version, stages }
  services.latency.answered(measured, background)
  return replyLongIntegers(exchange, answer)
})

export const inferenceRoutes = (app: Hono<AppEnv>): void => {
  for (const route of [ROUTES.serverMetadata, ROUTES.serverMetadataSlash]) {
    bind(app, route, ({ exchange }) =>
      replyJson(exchange, { name: 'nearcast', version: exchange.services.version, extensions: [] }),
    )
  }
  bind(app, ROUTES.serverLive, ({ exchange }) => replyJson(exchange, { live: true }))
  bind(app, ROUTES.serverReady, async ({ exchange }) => {
    const { ready, reasons, mode } = await exchange.services.readiness(exchange.background)
    if (mode === 'fallback') {
      return replyJson(exchange, { live: true, ready: false, error: 'inference is switched off (MODE=fallback)' }, 503)
    }
    return ready
      ? replyJson(exchange, { live: true, ready })
      : replyJson(exchange, { live: true, ready, error: reasons.join('; ') }, 503)
  })
  bind(app, ROUTES.modelMetadata, metadata)
  bind(app, ROUTES.versionMetadata, metadata)
  bind(app, ROUTES.modelReady, ready)
  bind(app, ROUTES.versionReady, ready)
  bind(app, ROUTES.infer, infer)
  bind(app, ROUTES.inferVersion, infer)
}
