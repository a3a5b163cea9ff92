/** What a deployment knows of its releases, brought into one file. */
import { z } from 'zod'
import type { Client } from '../../client/client.ts'
import { publishedVersionsSchema, releaseHistorySchema } from '../../protocol/admin.ts'
import { clientOf, type Deployment } from '../release/admin-client.ts'

/** The most that an answer holds. */
const PAGE = 200

export const backupSchema = z.object({
  format: z.literal(1),
  made_at: z.iso.datetime(),
  url: z.string(),
  models: z.array(
    z.object({
      name: z.string(),
      release: releaseHistorySchema.shape.release,
      history: releaseHistorySchema.shape.history,
      bundled: z.array(z.string()),
      published: publishedVersionsSchema.shape.published,
    }),
  ),
  not_contained: z.array(z.string()),
  restore: z.array(z.string()),
})

export type Backup = z.infer<typeof backupSchema>
type SavedModel = Backup['models'][number]

const NOT_CONTAINED = [
  'the files of published versions: keep the folders they were published from; their digests are here',
  'the archive of events: nearcast archive brings it',
  'statistics, evidence of canaries and accuracy',
  'dead letters, and events that wait in the queue',
  'zip data: kv-seed/ has it',
  'tokens and SIGNING_KEY: no command reads them back',
]

const saveModel = async (client: Client, name: string): Promise<SavedModel> => {
  const path = { model: name }
  const read = async (before?: number) => {
    const query = before === undefined ? { limit: PAGE } : { limit: PAGE, before }
    return releaseHistorySchema.parse(await client.get('/admin/models/{model}/release', { path, query }))
  }
  const first = await read()
  const history = [...first.history]
  let page = first.history
  while (page.length === PAGE) {
    page = (await read(history.at(-1)?.revision)).history
    history.push(...page)
  }
  const versions = publishedVersionsSchema.parse(await client.get('/admin/models/{model}/versions', { path }))
  return { name, release: first.release, history, bundled: versions.bundled, published: versions.published }
}

/** The commands that bring another deployment to the same release. */
export const restoreSteps = ({
  name,
  release,
  published,
}: Omit<SavedModel, 'history' | 'bundled'>): readonly string[] => [
  ...published.map(({ version, digest }) => `nearcast publish FOLDER    # ${name} ${version}, digest ${digest}`),
  `nearcast release ${name} switch ${release.stable}`,
  ...(release.shadow === null ? [] : [`nearcast release ${name} shadow ${release.shadow.version}`]),
  ...(release.canary === null
    ? []
    : [`nearcast release ${name} canary ${release.canary.version} ${release.canary.share}    # begins anew`]),
  ...(release.hold === null ? [] : [`nearcast release ${name} hold    # ${release.hold.reason}`]),
]

/** Throws a ClientError with the reason the deployment gives. */
export const makeBackup = async (deployment: Deployment, now: number): Promise<Backup> => {
  const models: SavedModel[] = []
  const client = clientOf(deployment)
  const listed = await client.get('/v1/models')
  for (const { name } of listed.models) models.push(await saveModel(client, name))
  return {
    format: 1,
    made_at: new Date(now).toISOString(),
    url: deployment.url.href,
    models,
    not_contained: NOT_CONTAINED,
    restore: models.flatMap(restoreSteps),
  }
}
