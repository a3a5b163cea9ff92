/** Reads the files of one model version from its directory. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Manifest, manifestSchema } from '../../protocol/manifest.ts'
import type { ModelFiles } from '../../serving/ports.ts'
import { UsageError } from '../command.ts'

/** Throws a UsageError when `directory` holds no manifest, or one that breaks the schema. */
export const readManifest = async (directory: string): Promise<Manifest> => {
  const file = join(directory, 'manifest.json')
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${directory} is no model version: it has no manifest.json`)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const manifest = manifestSchema.safeParse(json)
  if (!manifest.success) throw new UsageError(`${file}: ${z.prettifyError(manifest.error)}`)
  return manifest.data
}

/** Throws a UsageError when `directory` is no version, or its graph is missing. */
export const readVersion = async (directory: string): Promise<ModelFiles> => {
  const manifest = await readManifest(directory)
  const model = await readFile(join(directory, 'model.onnx')).catch(() => {
    throw new UsageError(`${directory} has no model.onnx`)
  })
  return { manifest, model }
}
