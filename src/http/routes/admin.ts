/** Publishing versions and commanding releases. */
import type { Hono } from 'hono'
import { Failure, quote } from '../../core/failure.ts'
import { type ReleaseCommandBody, releaseCommandSchema } from '../../protocol/admin.ts'
import { modelName } from '../../protocol/manifest.ts'
import { ROUTES } from '../../protocol/routes.ts'
import { decodeUtf8 } from '../../protocol/utf8.ts'
import { bind } from '../bind.ts'
import { readBytes } from '../body.ts'
import type { AppEnv, Exchange } from '../exchange.ts'
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

const readCommand = async (request: Request, exchange: Exchange): Promise<ReleaseCommandBody> => {
  const text = decodeUtf8(await readBytes(request, exchange.services))
  if (text.trim() === '') throw new Failure('empty_body', 'send a command, such as {"command":"promote"}')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new Failure('invalid_json', `the command is not JSON: ${String(cause)}`, undefined, { cause })
  }
  const parsed = releaseCommandSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue?.path.join('.') ?? ''
  throw new Failure(
    'invalid_parameter',
    `${place === '' ? 'the command' : place}: ${issue?.message}`,
    place || undefined,
  )
}

export const adminRoutes = (app: Hono<AppEnv>): void => {
  bind(app, ROUTES.releaseHistory, async ({ exchange, query, param }) => {
    const page = { limit: query.limit ?? HISTORY_LENGTH, before: query.before ?? null }
    return replyJson(exchange, await registryOf(exchange).releases.read(readModel(param('model')), page))
  })
  bind(app, ROUTES.releaseCommand, async ({ request, exchange, param }) => {
    const registry = registryOf(exchange)
    const model = readModel(param('model'))
    return replyJson(exchange, await registry.releases.command(model, await readCommand(request, exchange)))
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
