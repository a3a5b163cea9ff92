/** Writes a set of files so that none of them is ever seen half written. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Writes every file of `files` (name → content) under `directory` by a temporary name, then renames them all. */
export const writeFiles = async (
  directory: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> => {
  await mkdir(directory, { recursive: true })
  const parts = Object.entries(files).map(([name, content]) => ({
    path: join(directory, name),
    temporary: join(directory, `.${name}.${process.pid}.part`),
    content,
  }))
  try {
    for (const { temporary, content } of parts) await writeFile(temporary, content)
    for (const { temporary, path } of parts) await rename(temporary, path)
  } finally {
    await Promise.all(parts.map(({ temporary }) => rm(temporary, { force: true })))
  }
}
