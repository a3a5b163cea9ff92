/** Uploads the files of a version, telling how far it has got. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Published } from '../../protocol/admin.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { VERSION_FILES, type VersionFile } from '../../protocol/store-keys.ts'
import type { Progress } from '../train/progress.ts'
import { clientOf, type Deployment } from './admin-client.ts'

const readOptional = (file: string): Promise<Uint8Array<ArrayBuffer> | undefined> =>
  readFile(file).then(
    (bytes) => new Uint8Array(bytes),
    () => undefined,
  )

/** The form that /admin takes: what stands in `directory` under the names of a version, the reference under the manifest's. */
const formOf = async (directory: string, manifest: Manifest, by: string): Promise<FormData> => {
  const form = new FormData()
  for (const part of Object.keys(VERSION_FILES) as VersionFile[]) {
    const name = part === 'reference' ? manifest.reference : VERSION_FILES[part]
    const bytes = name === undefined ? undefined : await readOptional(join(directory, name))
    if (bytes !== undefined) form.append(part, new Blob([bytes]), VERSION_FILES[part])
  }
  form.append('by', by)
  return form
}

const counting = (total: number, progress: Progress): TransformStream<Uint8Array, Uint8Array> => {
  let sent = 0
  return new TransformStream({
    transform(chunk, controller) {
      sent += chunk.length
      progress.update(sent / total, `${sent} of ${total} bytes`)
      controller.enqueue(chunk)
    },
  })
}

/** The deployment's answer. Throws a ClientError. */
export const uploadVersion = async (
  deployment: Deployment,
  directory: string,
  manifest: Manifest,
  by: string,
  progress: Progress,
): Promise<Published> => {
  const encoded = new Response(await formOf(directory, manifest, by))
  const type = encoded.headers.get('content-type') ?? ''
  const blob = await encoded.blob()
  try {
    const answer = await clientOf(deployment).post('/admin/models/{model}/versions', {
      path: { model: manifest.name },
      contentType: type,
      body: blob.stream().pipeThrough(counting(blob.size, progress)),
    })
    progress.done(`${blob.size} bytes`)
    return answer
  } catch (error) {
    progress.done('not published')
    throw error
  }
}
