/** Prints the notes of the version in package.json, from CHANGELOG.md; exit code 1 where it has none. `node ops/deploy/release-notes.ts`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RefusedError } from '../../src/cli/release/admin-client.ts'
import { notesOf } from './changelog.ts'
import { finish, packageVersion, ROOT } from './setting.ts'

const run = async (): Promise<number> => {
  const version = packageVersion()
  const notes = notesOf(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), version)
  if (notes === null) throw new RefusedError(`CHANGELOG.md has no notes under ## [${version}]`)
  process.stdout.write(`${notes}\n`)
  return 0
}

finish(run())
