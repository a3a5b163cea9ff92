/** Reading the archive. */
import type { Hono } from 'hono'
import { Failure } from '../../core/failure.ts'
import { ROUTES } from '../../protocol/routes.ts'
import type { ArchiveReader } from '../../serving/archive/archive.ts'
import { bind } from '../bind.ts'
import type { AppEnv, Exchange } from '../exchange.ts'
import { replyJson, replyStream } from '../reply.ts'

const PAGE = 1_000

const archiveOf = ({ services }: Exchange): ArchiveReader => {
  if (services.archive !== undefined) return services.archive
  throw new Failure('archive_unavailable', 'this deployment has no archive')
}

export const archiveRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.archive, async ({ exchange, query: { day, hour = null, cursor = null, limit = PAGE } }) =>
    replyJson(exchange, await archiveOf(exchange).list({ day, hour, cursor, limit })),
  )
  bind(app, ROUTES.archiveObject, async ({ exchange, query }) => {
    const { body } = await archiveOf(exchange).open(query.key)
    return replyStream(exchange, body, 'application/gzip')
  })
}
