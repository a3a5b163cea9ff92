/** Finds the version that is stable now: the newest other one beside the version at hand. */
import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Manifest } from '../../protocol/manifest.ts'
import { compareVersions } from '../import/bundle-index.ts'

/** The directory of that version; `undefined` where there is none. */
export const findStable = async (directory: string, { version }: Manifest): Promise<string | undefined> => {
  const folder = dirname(resolve(directory))
  const entries = await readdir(folder, { withFileTypes: true })
  const others = entries
    .filter((entry) => entry.isDirectory() && entry.name !== version && /^\d+\.\d+\.\d+/.test(entry.name))
    .map((entry) => entry.name)
    .sort(compareVersions)
  const newest = others.at(-1)
  return newest === undefined ? undefined : join(dirname(directory), newest)
}
