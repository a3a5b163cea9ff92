/** Puts the files of a model version where the model repository looks for them. */
import { join } from 'node:path'
import type { VersionFiles } from './package-version.ts'
import { printJson } from './print-json.ts'
import { writeFiles } from './write-files.ts'

/** Writes `<output>/<name>/<version>/` and returns its path. */
export const writeVersion = async (
  output: string,
  { manifest, model, reference }: VersionFiles,
  card: string,
): Promise<string> => {
  const directory = join(output, manifest.name, manifest.version)
  await writeFiles(directory, {
    'model.onnx': model,
    'manifest.json': `${printJson(manifest)}\n`,
    'reference.json': `${printJson(reference)}\n`,
    'MODEL_CARD.md': card,
  })
  return directory
}
