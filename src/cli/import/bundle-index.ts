/** Writes the index of the versions that are part of the Worker's bundle: every version in the model repository. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { manifestSchema } from '../../protocol/manifest.ts'
import type { RowOutputs } from '../../serving/output-values.ts'
import { referenceMeans } from '../../serving/reference-means.ts'
import { UsageError } from '../command.ts'

/** Read by wrangler, which bundles what is imported and knows no folders. */
export const INDEX_FILE = join('src', 'adapters', 'bundled-models.ts')

/** Of biome.json, and a line break. */
const LINE_WIDTH = 121

interface BundledVersion {
  readonly name: string
  readonly version: string
  /** It has a reference profile: parsed when drift is first judged by it. */
  readonly hasReference: boolean
  /** By its manifest: what it learned from was made up. */
  readonly isSynthetic: boolean
  /** Of its outputs, by that profile: at hand from the start. `null`: it does not tell. */
  readonly means: RowOutputs | null
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

const readJson = async (...path: string[]): Promise<unknown> =>
  JSON.parse(await readFile(join(...path), 'utf8').catch(() => 'null'))

const describedIn = async (folder: string): Promise<Omit<BundledVersion, 'name' | 'version'>> => {
  const manifest = manifestSchema.safeParse(await readJson(folder, 'manifest.json'))
  const profile = await readJson(folder, 'reference.json')
  const means = manifest.success && profile !== null ? referenceMeans(manifest.data, profile) : null
  const isSynthetic = manifest.success && manifest.data.evidence === 'synthetic'
  return { means, hasReference: profile !== null, isSynthetic }
}

/**
 * Every version under `models`: models of real evidence before synthetic ones, by name, and versions from old to new. The first model answers
 * where an event names none.
 */
export const versionsIn = async (models: string): Promise<BundledVersion[]> => {
  const names = (await foldersIn(models)).sort()
  const byName = await Promise.all(
    names.map(async (name) => {
      const versions = (await foldersIn(join(models, name))).sort(compareVersions)
      return Promise.all(
        versions.map(async (version) => ({ name, version, ...(await describedIn(join(models, name, version))) })),
      )
    }),
  )
  const isSynthetic = (versions: readonly BundledVersion[]): number => (versions.at(-1)?.isSynthetic ? 1 : 0)
  return byName.sort((a, b) => isSynthetic(a) - isSynthetic(b)).flat()
}

/** `lateArrival_1_0_0` */
const identifier = ({ name, version }: Pick<BundledVersion, 'name' | 'version'>): string => {
  const camel = name.replaceAll(/-+(.)/g, (_, next: string) => next.toUpperCase()).replace(/^(?=\d)/, '_')
  return `${camel}_${version.replaceAll(/[^A-Za-z0-9]/g, '_')}`
}

const property = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`)

/** As the formatter writes it, which is kept from breaking long lists. */
const meansOf = (means: RowOutputs): string => {
  const values = Object.entries(means).map(([name, mean]) => `${property(name)}: ${JSON.stringify(mean)}`)
  const line = `    means: { ${values.join(', ')} },\n`
  return line.length <= LINE_WIDTH && !line.includes('"')
    ? line
    : `    // biome-ignore format: long lists of numbers\n${line}`
}

const entry = (version: BundledVersion): string => {
  const id = identifier(version)
  const [manifest, model] = [`manifest: ${id}_manifest`, `model: ${id}_model`]
  if (!version.hasReference) return `{ ${manifest}, ${model} }`
  const means = version.means === null ? '' : meansOf(version.means)
  return `{\n    ${manifest},\n    ${model},\n${means}${referenceOf(version)}  }`
}

const folderOf = ({ name, version }: Pick<BundledVersion, 'name' | 'version'>): string =>
  `../../model/${name}/${version}`

const referenceOf = (version: BundledVersion): string =>
  `    reference: () => import('${folderOf(version)}/reference.json', { with: { type: 'json' } }),\n`

/** As the formatter writes it: on one line where that fits. */
const declaration = (entries: readonly string[]): string => {
  const line = `export const bundledModels = memoryModels([${entries.join(', ')}])\n`
  if (entries.length === 1 && line.length <= LINE_WIDTH && !entries[0].includes('\n')) return line
  return `export const bundledModels = memoryModels([\n${entries.map((entry) => `  ${entry},\n`).join('')}])\n`
}

/** The source text of the index for `versions`, which stand in `model/`. */
export const bundleIndex = (versions: readonly BundledVersion[]): string => {
  // As the formatter sorts them; the list below keeps its order.
  const byName = versions.toSorted((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1))
  const imports = byName.map((version) => {
    const folder = folderOf(version)
    const id = identifier(version)
    return `import ${id}_manifest from '${folder}/manifest.json' with { type: 'json' }\nimport ${id}_model from '${folder}/model.onnx'\n`
  })
  return `/** The models that are part of the Worker's bundle: every version in model/. Written by \`nearcast import --bundle\`. */
${imports.join('')}import { memoryModels } from './memory-models.ts'

${declaration(versions.map(entry))}`
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
