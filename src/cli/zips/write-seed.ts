/** Writes the four files of kv-seed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MergeReport, ZipTable } from './merge-zips.ts'
import { bulkPutText, meansText } from './seed-files.ts'
import { type SeedFacts, sourcesJson, sourcesPage, type UserSource } from './sources-page.ts'
import { zipMeans } from './zip-means.ts'

export interface Seed {
  /** The release of the zip data, for example `2026-11`. */
  readonly data: string
  readonly table: ZipTable
  readonly versions: Readonly<Record<string, string>>
  readonly report: MergeReport
  readonly user: UserSource | null
}

/** The files by name. The same seed gives the same bytes. */
export const seedFiles = ({ data, table, versions, report, user }: Seed): Record<string, string> => {
  const means = zipMeans(table, data)
  const facts: SeedFacts = { data, versions, report, packs: Object.keys(means.zip3).length, user }
  return {
    'zips.json': bulkPutText(table, data),
    'zip3-means.json': meansText(means),
    'sources.json': sourcesJson(facts),
    'SOURCES.md': sourcesPage(facts),
  }
}

/** Creates `folder` where it is missing and writes the files into it. Returns the size of each, bytes. */
export const writeSeed = (folder: string, seed: Seed): Record<string, number> => {
  mkdirSync(folder, { recursive: true })
  return Object.fromEntries(
    Object.entries(seedFiles(seed)).map(([name, text]) => {
      writeFileSync(join(folder, name), text)
      return [name, Buffer.byteLength(text)]
    }),
  )
}
