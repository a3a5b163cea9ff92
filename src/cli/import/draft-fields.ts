/** Where the edge will find what a column holds. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Field } from '../../core/features/feature-view.ts'
import { TZDATA_VERSION } from '../../core/time/zones.ts'
import { featureViewSchema, type Manifest } from '../../protocol/manifest.ts'
import { fieldOf } from '../../training/table/fields.ts'
import { UsageError } from '../command.ts'

type FeatureView = Manifest['feature_view']

/** Reads a feature view, as `nearcast featurize --view` takes it. Throws a UsageError for what is none. */
export const readView = async (file: string): Promise<FeatureView> => {
  try {
    return featureViewSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new UsageError(`--view ${file}: ${reason}`)
  }
}

/** The columns of the zip features in `directory`; none where there are no such. */
export const readZipColumns = async (directory: string): Promise<readonly string[]> => {
  const text = await readFile(join(directory, 'zip3-means.json'), 'utf8').catch(() => '{}')
  const means: unknown = JSON.parse(text)
  const columns = z.object({ columns: z.array(z.string()) }).safeParse(means)
  return columns.success ? columns.data.columns : []
}

/** By its name in `view` if it stands there; else calendar and zip columns by their own names, and all others from the event. */
const draftField = (name: string, view: FeatureView | undefined, zipColumns: readonly string[]): Field => {
  const stated = view?.fields.find((field) => field.name === name)
  if (stated !== undefined) return stated
  const field = fieldOf(name)
  return field.source === 'event' && zipColumns.includes(name) ? { name, source: 'zip', default: null } : field
}

/** A feature view of `names`, in that order. */
export const draftView = (
  names: readonly string[],
  view: FeatureView | undefined,
  zipColumns: readonly string[],
): FeatureView => {
  const fields = names.map((name) => draftField(name, view, zipColumns))
  const isLocal = fields.some(({ source }) => source === 'local_time')
  return {
    version: view?.version ?? 1,
    ...(isLocal && { tzdata: view?.tzdata ?? TZDATA_VERSION }),
    fields: fields as FeatureView['fields'],
  }
}
