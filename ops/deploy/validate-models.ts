/** Runs `nearcast validate`, as it is built, on every version in model/; fails where there is none. `node ops/deploy/validate-models.ts`. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { RefusedError } from '../../src/cli/release/admin-client.ts'
import { finish, ROOT } from './setting.ts'

/** Of one version. */
const CHECK_MILLISECONDS = 300_000

const foldersIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [join(folder, entry.name)] : [],
  )

const validate = (version: string): boolean => {
  const args = [join(ROOT, 'dist', 'nearcast.js'), 'validate', version]
  return spawnSync(process.execPath, args, { stdio: 'inherit', timeout: CHECK_MILLISECONDS }).status === 0
}

const run = async (): Promise<number> => {
  const versions = foldersIn(join(ROOT, 'model')).flatMap(foldersIn)
  if (versions.length === 0) throw new RefusedError('model/ holds no version')
  return versions.filter((version) => !validate(version)).length === 0 ? 0 : 1
}

finish(run())
