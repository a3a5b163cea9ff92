/** Publishing versions and commanding releases. */
import type { Hono } from 'hono'
import { Failure, quote } from '../../core/failure.ts'
import { releaseCommandSchema } from '../../protocol/admin.ts'
import { modelName } from '../../protocol/manifest.ts'
import { ROUTES } from '../../protocol/routes.ts'
import { bind } from '../bind.ts'
import { type AppEnv, type Exchange, handedOn } from '../exchange.ts'
import { readJsonBody } from '../json-body.ts'
import { replyJson } from '../reply.ts'
import type { Registry } from '../services.ts'
import { readUpload } from '../upload.ts'

const HISTORY_LENGTH = 20

const registryOf = ({ services }: Exchange): Registry => {
  if (services.registry !== undefined) return services.registry
  throw new Failure('registry_unavailable', 'this deployment has no model registry')
}

/** No object is called up under a name that no model can have. */
const readModel = (name: string): string => {
  if (modelName.safeParse(name).success) return name
  throw new Failure('unknown_model', `there is no model ${quote(name)}`, 'model')
}

const EXAMPLE = '{"command":"promote"}'

export const adminRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.releaseHistory, async ({ exchange, query, param }) => {
    const page = { limit: query.limit ?? HISTORY_LENGTH, before: query.before ?? null }
    return replyJson(exchange, await registryOf(exchange).releases.read(readModel(param('model')), page))
  })
  bind(app, ROUTES.releaseCommand, async ({ request, exchange, param }) => {
    const registry = registryOf(exchange)
    const model = readModel(param('model'))
    const command = await readJsonBody(request, exchange, releaseCommandSchema, EXAMPLE)
    return replyJson(exchange, await registry.releases.command(model, command, handedOn(exchange)))
  })
  bind(app, ROUTES.publishedVersions, async ({ exchange, param }) =>
    replyJson(exchange, await registryOf(exchange).publisher.versions(readModel(param('model')))),
  )
  bind(app, ROUTES.publish, async ({ request, exchange, param }) => {
    const registry = registryOf(exchange)
    const model = readModel(param('model'))
    const { files, by } = await readUpload(request, exchange.services)
    const published = await registry.publisher.publish(model, files, by)
    return replyJson(exchange, published, published.created ? 201 : 200)
  })
}
