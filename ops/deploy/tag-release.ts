/**
 * Makes the release of the version in package.json on GitHub, with its tag and its notes, unless there is one: `node ops/deploy/tag-release.ts` in
 * a workflow, which has `gh` and GH_TOKEN.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RefusedError } from '../../src/cli/release/admin-client.ts'
import { notesOf } from './changelog.ts'
import { finish, packageVersion, ROOT, readVariable } from './setting.ts'

const CALL_MILLISECONDS = 60_000

const gh = (args: readonly string[], input?: string) =>
  spawnSync('gh', args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: CALL_MILLISECONDS,
    ...(input !== undefined && { input }),
  })

const run = async (): Promise<number> => {
  const version = packageVersion()
  const tag = `v${version}`
  if (gh(['release', 'view', tag]).status === 0) {
    console.log(`${tag} is released already; a new version in package.json makes the next release`)
    return 0
  }
  const notes = notesOf(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), version)
  if (notes === null) throw new RefusedError(`CHANGELOG.md has no notes under ## [${version}]`)
  const target = readVariable('GITHUB_SHA')
  const made = gh(['release', 'create', tag, '--target', target, '--title', tag, '--notes-file', '-'], notes)
  if (made.status !== 0) throw new RefusedError(`gh release create ${tag}: ${made.stderr || made.error}`)
  console.log(made.stdout.trim())
  return 0
}

finish(run())
