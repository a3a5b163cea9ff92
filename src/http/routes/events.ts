/** Events in, stored before the answer and predicted later. */
import type { Hono } from 'hono'
import { Failure, type FailureCode } from '../../core/failure.ts'
import { type ParsedBody, readBody } from '../../protocol/body.ts'
import { refuseMediaType } from '../../protocol/media-type.ts'
import { rawItemsOf } from '../../protocol/raw-items.ts'
import { ROUTES } from '../../protocol/routes.ts'
import type { Ingester, IngestSender } from '../../serving/intake/ingest.ts'
import { bind } from '../bind.ts'
import { readBytes, UnfinishedBody } from '../body.ts'
import { callerOf } from '../caller.ts'
import { type AppEnv, type Exchange, handedOn, tracedBy } from '../exchange.ts'
import { replyJson, replyProblem } from '../reply.ts'

/** What makes a body unreadable as a whole, of which something can be kept. */
const UNREADABLE: ReadonlySet<FailureCode> = new Set(['invalid_utf8', 'invalid_json', 'too_deep'])

const ingesterOf = ({ services }: Exchange): Ingester => {
  if (services.events !== undefined) return services.events
  throw new Failure('queue_unavailable', 'this deployment has no queue for events')
}

/** Answers a body that nobody can read, once it is kept. */
const refuseBody = async (
  exchange: Exchange,
  failure: Failure,
  payload: { readonly bytes: Uint8Array; readonly isCut: boolean },
  sender: IngestSender,
): Promise<Response> => {
  const { id, kept } = await ingesterOf(exchange).keepBody(failure, payload, sender)
  exchange.stages.end('letters')
  exchange.services.observer.failure({ code: failure.code })
  exchange.services.observer.afterAnswer(exchange.background)
  return replyProblem(exchange, failure, [], {}, { dead_letter: id, kept })
}

export const eventRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.events, async ({ request, exchange, query }) => {
    const ingester = ingesterOf(exchange)
    const { services, background, stages } = exchange
    const contentType = request.headers.get('content-type')
    refuseMediaType(contentType, request.headers.get('content-encoding'))
    const sender: IngestSender = { caller: callerOf(request, services), model: query.model, background }
    let bytes: Uint8Array | undefined
    let body: ParsedBody
    try {
      bytes = await readBytes(request, services)
      body = readBody(bytes, { contentType, batch: false, limits: services.limits })
    } catch (failure) {
      if (!(failure instanceof Failure) || !UNREADABLE.has(failure.code)) throw failure
      const isCut = failure instanceof UnfinishedBody
      const kept = isCut ? failure.received : bytes
      if (kept === undefined) throw failure
      return refuseBody(exchange, failure, { bytes: kept, isCut }, sender)
    }
    const items = body.kind === 'batch' ? body.items : [body]
    const raw = rawItemsOf(bytes, body)
    const traced = tracedBy(exchange, body.kind === 'batch' ? body.traceparent : undefined)
    const traceparent = handedOn(traced)
    const { accepted, rejected, failure } = await ingester.ingest({ ...sender, items, raw, traceparent, stages })
    const { isBot, isOptedOut } = sender.caller
    if (body.kind === 'batch' && !isBot && !isOptedOut)
      for (const timing of body.timings ?? []) services.observer.browserTiming(timing)
    services.observer.afterAnswer(background)
    return failure === null ? replyJson(traced, { accepted, rejected }, 202) : replyProblem(traced, failure, rejected)
  })
}
