/** Which files hold the zip features. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from '../../command.ts'
import type { ZipPaths } from '../zip-data.ts'

const PACKS = 'zips.json'
const MEANS = 'zip3-means.json'
const SEED = 'kv-seed'

/** `zips` is a folder or a file; the means lie beside it, else in kv-seed, unless they are named. Throws a UsageError for what is not there. */
export const zipPaths = (zips: string, means: string | undefined): ZipPaths => {
  const stat = statSync(zips, { throwIfNoEntry: false })
  if (stat === undefined) {
    throw new UsageError(
      `--zips ${zips}: not here; run this in the root of the repository, or name the folder that nearcast zips has written`,
    )
  }
  if (stat.isDirectory()) return { packs: join(zips, PACKS), means: means ?? join(zips, MEANS) }
  const beside = join(dirname(zips), MEANS)
  return { packs: zips, means: means ?? (existsSync(beside) ? beside : join(SEED, MEANS)) }
}
