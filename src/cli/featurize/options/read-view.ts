/** The feature view that the flags name: a model version's, or one in a file. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import type { FeatureView } from '../../../core/features/feature-view.ts'
import { stringFields } from '../../../serving/input-tensors.ts'
import { UsageError } from '../../command.ts'
import type { FlagValues } from './flags.ts'

export interface ChosenView {
  readonly view: FeatureView | undefined
  /** Fields that stay strings. */
  readonly textFields: ReadonlySet<string>
}

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const check = <T>(schema: z.ZodType<T>, value: unknown, path: string): T => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new UsageError(`${path}: ${issue.path.join('.')}: ${issue.message}`)
}

const pathOf = ({ model, view }: FlagValues): string | undefined => {
  if (model === undefined) return view
  if (view !== undefined) throw new UsageError('--model and --view: give one of them')
  return statSync(model, { throwIfNoEntry: false })?.isDirectory() ? join(model, 'manifest.json') : model
}

/** Throws a UsageError for a file that holds no view, and for a `--text` that names no field of it. */
export const readView = async (flags: FlagValues): Promise<ChosenView> => {
  const text = flags.text ?? []
  const path = pathOf(flags)
  if (path === undefined) {
    if (text.length > 0) throw new UsageError('--text goes with --view or --model')
    return { view: undefined, textFields: new Set() }
  }
  if (!existsSync(path)) throw new UsageError(`${path}: no such file`)
  const json = readJson(path)
  // Loaded only here: the schemas take a tenth of the time in which a small file is featurized.
  const { featureViewSchema, manifestSchema } = await import('../../../protocol/manifest.ts')
  const isManifest = typeof json === 'object' && json !== null && 'feature_view' in json
  const manifest = isManifest ? check(manifestSchema, json, path) : undefined
  const view = manifest?.feature_view ?? check(featureViewSchema, json, path)
  for (const name of text) {
    const field = view.fields.find((known) => known.name === name)
    if (field?.source !== 'event') throw new UsageError(`--text ${name}: ${path} has no event field of that name`)
  }
  return { view, textFields: new Set([...text, ...(manifest === undefined ? [] : stringFields(manifest))]) }
}
