/** Events in, predictions out. */
import type { Hono } from 'hono'
import { type Deadline, deadlineIn } from '../../core/clock.ts'
import type { Failure } from '../../core/failure.ts'
import type { Prediction } from '../../protocol/answers.ts'
import { type BodyItem, readBody } from '../../protocol/body.ts'
import { refuseMediaType } from '../../protocol/media-type.ts'
import { errorBody, type ItemError, PROBLEMS } from '../../protocol/problem.ts'
import { ROUTES } from '../../protocol/routes.ts'
import type { Caller } from '../../serving/caller.ts'
import type { PredictionSampler } from '../../serving/intake/sample-predictions.ts'
import { answeringVersions } from '../../serving/keep-versions.ts'
import type { PredictOutcome } from '../../serving/predict.ts'
import { bind } from '../bind.ts'
import { readBytes } from '../body.ts'
import { callerOf } from '../caller.ts'
import { type AppEnv, type Exchange, handedOn, tracedBy } from '../exchange.ts'
import { logPredictions } from '../log-request.ts'
import { refuseToken } from '../middleware/token.ts'
import { replyJson, replyProblem } from '../reply.ts'

interface Asked {
  readonly request: Request
  readonly exchange: Exchange
  readonly model: string | undefined
  readonly version?: string
  /** What is left of the prediction's time; all of it when absent. */
  readonly leftMilliseconds?: number
  readonly features: 'true' | 'false' | undefined
  readonly explain: 'true' | 'false' | undefined
}

/** What archives this request, if it is one of the share: events that were posted, and answered by what is released. */
const samplerOf = ({ exchange, version }: Asked, caller: Caller): PredictionSampler | undefined => {
  const { sampler } = exchange.services
  if (sampler === undefined || version !== undefined || exchange.method !== 'POST') return undefined
  return sampler.takes(caller) ? sampler : undefined
}

const withoutFeatures = (outcome: PredictOutcome): PredictOutcome => {
  if (!('prediction' in outcome)) return outcome
  const { features: _, ...prediction } = outcome.prediction
  return { prediction }
}

const predict = async (asked: Asked, items: readonly BodyItem[]): Promise<PredictOutcome[]> => {
  const { exchange } = asked
  const { services } = exchange
  const caller = callerOf(asked.request, services)
  const model = asked.model ?? services.defaultModel
  const sampler = samplerOf(asked, caller)
  const withFeatures = asked.features !== 'false'
  const outcomes = await services.predictor.predict({
    items,
    model,
    version: asked.version,
    caller,
    withFeatures: withFeatures || sampler !== undefined,
    isExplained: asked.explain === 'true',
    deadline: deadlineIn(services.clock, asked.leftMilliseconds ?? services.predictMilliseconds),
    background: exchange.background,
    stages: exchange.stages,
  })
  services.observer.afterAnswer(exchange.background)
  logPredictions(exchange, outcomes)
  const answered = outcomes.find((outcome) => 'prediction' in outcome)
  // The time of a batch that two versions answered is neither's.
  const version = answered?.prediction.model_version
  const isOfOne = outcomes.every(
    (outcome) => !('prediction' in outcome) || outcome.prediction.model_version === version,
  )
  if (answered !== undefined && isOfOne) {
    const { model_name, model_version } = answered.prediction
    const measured = { model: model_name, version: model_version, stages: exchange.stages }
    services.latency.answered(measured, exchange.background)
  }
  const signed = (await services.receipts?.sign(outcomes)) ?? outcomes
  if (sampler === undefined) return signed
  // Without receipts: whoever reads the archive has the prediction itself.
  sampler.archive({ items, outcomes, model, caller, traceparent: handedOn(exchange) }, exchange.background)
  return withFeatures ? signed : signed.map(withoutFeatures)
}

const itemOf = (outcome: PredictOutcome, index: number): Prediction | ItemError =>
  'prediction' in outcome ? outcome.prediction : { index, id: outcome.id, error: errorBody(outcome.failure) }

/** The failure of the service that kept it from answering any event of a batch: then asking again later may help, and the status says so. */
const commonFailure = (outcomes: readonly PredictOutcome[]): Failure | undefined => {
  const failures = outcomes.flatMap((outcome) => ('failure' in outcome ? [outcome.failure] : []))
  const [first] = failures
  const isService = first !== undefined && PROBLEMS[first.code].status > 500
  return isService && failures.length === outcomes.length && failures.every(({ code }) => code === first.code)
    ? first
    : undefined
}

const answerSingle = async (asked: Asked, item: BodyItem): Promise<Response> => {
  const [outcome] = await predict(asked, [item])
  if (outcome === undefined) throw new Error('one event gave no outcome')
  return 'prediction' in outcome
    ? replyJson(asked.exchange, outcome.prediction)
    : replyProblem(asked.exchange, outcome.failure, [itemOf(outcome, 0) as ItemError])
}

const answerBody = async (asked: Asked, batch: 'true' | 'false' | undefined): Promise<Response> => {
  const { request, exchange } = asked
  const { limits } = exchange.services
  const contentType = request.headers.get('content-type')
  refuseMediaType(contentType, request.headers.get('content-encoding'))
  const bytes = await readBytes(request, exchange.services)
  const body = readBody(bytes, { contentType, batch: batch === 'true', limits })
  if (body.kind === 'single') return answerSingle(asked, body)
  const traced = tracedBy(exchange, body.traceparent)
  const outcomes = await predict({ ...asked, exchange: traced }, body.items)
  const items = outcomes.map(itemOf)
  const failure = commonFailure(outcomes)
  return failure === undefined
    ? replyJson(traced, { predictions: items })
    : replyProblem(traced, failure, items as ItemError[])
}

/** Whether the release lets this version answer anybody. */
const mayAnswer = async (
  { services, background }: Exchange,
  model: string,
  version: string,
  deadline: Deadline,
): Promise<boolean> => {
  const known = await services.releases.consult(model, deadline, background)
  return known !== null && answeringVersions(known.release).includes(version)
}

export const predictRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.predict, ({ request, exchange, query }) =>
    answerBody(
      { request, exchange, model: query.model, features: query.features, explain: query.explain },
      query.batch,
    ),
  )

  bind(app, ROUTES.predictVersion, async ({ request, exchange, query, param }) => {
    const [model, version] = [param('model'), param('version')]
    const deadline = deadlineIn(exchange.services.clock, exchange.services.predictMilliseconds)
    const isPublic = await mayAnswer(exchange, model, version, deadline)
    // The body is read on the caller's time, not on the prediction's.
    const leftMilliseconds = deadline.remainingMilliseconds()
    if (!isPublic) {
      const refusal = await refuseToken(exchange, request, 'write', false)
      if (refusal !== null) return refusal
    }
    const asked = {
      request,
      exchange,
      model,
      version,
      leftMilliseconds,
      features: query.features,
      explain: query.explain,
    }
    return answerBody(asked, query.batch)
  })

  bind(app, ROUTES.predictNow, ({ request, exchange, query }) => {
    const value = query.zip === undefined ? { createdDateTime: 'now' } : { createdDateTime: 'now', zipCode: query.zip }
    return answerSingle(
      { request, exchange, model: query.model, features: query.features, explain: query.explain },
      { value },
    )
  })
}
