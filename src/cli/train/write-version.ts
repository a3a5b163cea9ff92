/** Puts the files of a model version where the model repository looks for them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VersionFiles } from './package-version.ts'
import { printJson } from './print-json.ts'
import { writeFiles } from './write-files.ts'

/** `undefined` where there is no such file. */
const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Writes `<output>/<name>/<version>/` and returns its path. A version never changes: throws an Error where it exists with another model,
 * unless `replace` is set.
 */
export const writeVersion = async (
  output: string,
  { manifest, model, reference }: VersionFiles,
  card: string,
  replace: boolean,
): Promise<string> => {
  const directory = join(output, manifest.name, manifest.version)
  const present = await readIfThere(join(directory, 'manifest.json'))
  if (present !== undefined && !replace && !present.includes(`"${manifest.sha256}"`)) {
    throw new Error(
      `${directory} holds another model, and a version never changes; nothing was written: give another --version, or --replace`,
    )
  }
  await writeFiles(directory, {
    'model.onnx': model,
    'manifest.json': `${printJson(manifest)}\n`,
    'reference.json': `${printJson(reference)}\n`,
    'MODEL_CARD.md': card,
  })
  return directory
}
