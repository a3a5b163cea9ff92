/** Writes the index of the versions that are part of the Worker's bundle: every version in the model repository. */
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../command.ts'

/** Read by wrangler, which bundles what is imported and knows no folders. */
export const INDEX_FILE = join('src', 'adapters', 'bundled-models.ts')

/** Of biome.json, and a line break. */
const LINE_WIDTH = 121

interface BundledVersion {
  readonly name: string
  readonly version: string
}

const foldersIn = async (directory: string): Promise<string[]> => {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}

/** Semantic versions from old to new; a pre-release before its release. */
export const compareVersions = (a: string, b: string): number => {
  const [coreA, preA] = a.split(/-(.*)/s, 2)
  const [coreB, preB] = b.split(/-(.*)/s, 2)
  const order = coreA.localeCompare(coreB, 'en', { numeric: true })
  if (order !== 0 || preA === preB) return order
  if (preA === undefined) return 1
  return preB === undefined ? -1 : preA.localeCompare(preB, 'en', { numeric: true })
}

/** Every version under `models`, models by name and versions from old to new. */
export const versionsIn = async (models: string): Promise<BundledVersion[]> => {
  const names = (await foldersIn(models)).sort()
  const byName = await Promise.all(
    names.map(async (name) => {
      const versions = (await foldersIn(join(models, name))).sort(compareVersions)
      return versions.map((version) => ({ name, version }))
    }),
  )
  return byName.flat()
}

/** `lateArrival_1_0_0` */
const identifier = ({ name, version }: BundledVersion): string => {
  const camel = name.replaceAll(/-+(.)/g, (_, next: string) => next.toUpperCase()).replace(/^(?=\d)/, '_')
  return `${camel}_${version.replaceAll(/[^A-Za-z0-9]/g, '_')}`
}

/** As the formatter writes it: on one line where that fits. */
const declaration = (entries: readonly string[]): string => {
  const line = `export const bundledModels = memoryModels([${entries.join(', ')}])\n`
  if (entries.length === 1 && line.length <= LINE_WIDTH) return line
  return `export const bundledModels = memoryModels([\n${entries.map((entry) => `  ${entry},\n`).join('')}])\n`
}

/** The source text of the index for `versions`, which stand in `model/`. */
export const bundleIndex = (versions: readonly BundledVersion[]): string => {
  const imports = versions.map((version) => {
    const folder = `../../model/${version.name}/${version.version}`
    const id = identifier(version)
    return `import ${id}_manifest from '${folder}/manifest.json' with { type: 'json' }\nimport ${id}_model from '${folder}/model.onnx'\n`
  })
  const entries = versions.map((version) => {
    const id = identifier(version)
    return `{ manifest: ${id}_manifest, model: ${id}_model }`
  })
  return `/** The models that are part of the Worker's bundle: every version in model/. Written by \`nearcast import --bundle\`. */
${imports.join('')}import { memoryModels } from './memory-models.ts'

${declaration(entries)}`
}

/** Writes the index and returns its path. Throws a UsageError outside the root of the repository, and where there is no version. */
export const writeBundleIndex = async (models: string): Promise<string> => {
  if (models !== 'model') throw new UsageError('--bundle goes with versions in model/: the Worker bundles that folder')
  const versions = await versionsIn(models)
  if (versions.length === 0) throw new UsageError('there is no version in model/ to bundle')
  await writeFile(INDEX_FILE, bundleIndex(versions)).catch((error: Error) => {
    throw new UsageError(`cannot write ${INDEX_FILE}: ${error.message}; run this in the root of the repository`)
  })
  return INDEX_FILE
}
