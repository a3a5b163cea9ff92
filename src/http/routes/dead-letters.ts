/** Events that were given up: list, look, replay, discard. */
import type { Hono } from 'hono'
import { Failure } from '../../core/failure.ts'
import { discardSchema, replaySchema } from '../../protocol/dead-letters.ts'
import { ROUTES } from '../../protocol/routes.ts'
import type { DeadLetterDesk } from '../../serving/letters/dead-letters.ts'
import { bind } from '../bind.ts'
import { type AppEnv, type Exchange, handedOn } from '../exchange.ts'
import { readJsonBody } from '../json-body.ts'
import { replyJson } from '../reply.ts'

const PAGE = 50

const REPLAY_EXAMPLE =
  '{"filter":{"code":"missing_time"},"fixes":[{"op":"rename","from":"ts","to":"createdDateTime"}],"dry_run":true}'
const DISCARD_EXAMPLE = '{"filter":{"code":"invalid_json"},"reason":"a scanner"}'

const deskOf = ({ services }: Exchange): DeadLetterDesk => {
  if (services.deadLetters !== undefined) return services.deadLetters
  throw new Failure('dead_letters_unavailable', 'this deployment keeps no dead letters')
}

/** Either ids or a filter: an empty request would otherwise mean all letters. */
const checkChoice = <T extends { readonly ids?: unknown; readonly filter?: unknown }>(body: T): T => {
  if ((body.ids === undefined) !== (body.filter === undefined)) return body
  throw new Failure('invalid_parameter', 'name either ids or a filter; {"filter":{}} is all that wait', 'ids')
}

export const deadLetterRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.deadLetters, async ({ exchange, query: { limit = PAGE, cursor = null, ...filter } }) =>
    replyJson(exchange, await deskOf(exchange).list(filter, limit, cursor)),
  )
  bind(app, ROUTES.deadLetter, async ({ exchange, param }) =>
    replyJson(exchange, await deskOf(exchange).inspect(param('id'))),
  )
  bind(app, ROUTES.replayDeadLetters, async ({ request, exchange }) => {
    const desk = deskOf(exchange)
    const body = checkChoice(await readJsonBody(request, exchange, replaySchema, REPLAY_EXAMPLE))
    return replyJson(exchange, await desk.replay(body, handedOn(exchange)))
  })
  bind(app, ROUTES.discardDeadLetters, async ({ request, exchange }) => {
    const desk = deskOf(exchange)
    const body = checkChoice(await readJsonBody(request, exchange, discardSchema, DISCARD_EXAMPLE))
    return replyJson(exchange, await desk.discard(body))
  })
}
