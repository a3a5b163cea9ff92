/** The bundled model published once more under another number, and the command that switches between the two. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientOf, type Deployment } from '../src/cli/release/admin-client.ts'
import type { BenchModel } from './model.ts'

/** Publishes the files of `model` as `version`, with the same graph, so that no difference of time is the model's. */
export const publishTwin = async (deployment: Deployment, model: BenchModel, version: string): Promise<void> => {
  const json = (file: string): object => JSON.parse(readFileSync(join(model.folder, file), 'utf8')) as object
  const renumbered = (file: string): Blob => new Blob([JSON.stringify({ ...json(file), version })])
  const form = new FormData()
  form.append('manifest', renumbered('manifest.json'), 'manifest.json')
  form.append('model', new Blob([readFileSync(join(model.folder, 'model.onnx'))]), 'model.onnx')
  form.append('reference', renumbered('reference.json'), 'reference.json')
  form.append('by', 'bench')
  await clientOf(deployment).post('/admin/models/{model}/versions', { path: { model: model.name }, body: form })
}

/** Throws when the switch changed nothing. */
export const switchTo = async (deployment: Deployment, model: string, version: string): Promise<void> => {
  const body = { command: 'switch', version, by: 'bench' } as const
  const { release, change } = await clientOf(deployment).post('/admin/models/{model}/release', {
    path: { model },
    body,
  })
  if (change === null || release.stable !== version) throw new Error(`the switch to ${version} changed nothing`)
}
