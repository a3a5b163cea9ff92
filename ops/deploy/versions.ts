/** The versions of a worker, as wrangler tells and changes them. */
import { z } from 'zod'
import { failureOf, mustRun, readJson, type Wrangler } from '../../src/cli/deploy/wrangler.ts'
import { RefusedError } from '../../src/cli/release/admin-client.ts'

export interface Share {
  readonly version: string
  /** 0 to 100. */
  readonly percent: number
}

const deploymentSchema = z.object({ versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })) })
const versionSchema = z.object({ annotations: z.record(z.string(), z.string()).optional() })

/** What is deployed; `null`: no such worker yet. Throws a RefusedError. */
export const deployedShares = async (wrangler: Wrangler, environment: string): Promise<readonly Share[] | null> => {
  const args = ['deployments', 'status', '--json', '--env', environment]
  const answer = await wrangler(args)
  if (answer.code !== 0 && /has no deployments|does not exist|not found/.test(failureOf(answer))) return null
  if (answer.code !== 0) throw new RefusedError(`wrangler ${args.join(' ')}: ${failureOf(answer)}`)
  const { versions } = readJson(args, answer, deploymentSchema)
  return versions.map(({ version_id, percentage }) => ({ version: version_id, percent: percentage }))
}

/** What a version was uploaded with as its message. */
export const messageOf = async (
  wrangler: Wrangler,
  environment: string,
  version: string,
): Promise<string | undefined> => {
  const args = ['versions', 'view', version, '--json', '--env', environment]
  return readJson(args, await mustRun(wrangler, args), versionSchema).annotations?.['workers/message']
}

const idIn = (entries: readonly { readonly type: string }[], type: string): string | undefined => {
  const entry: Readonly<Record<string, unknown>> | undefined = entries.find((each) => each.type === type)
  return typeof entry?.version_id === 'string' ? entry.version_id : undefined
}

/** Uploads the code as it lies here; it answers nobody yet. Resolves to its id. */
export const uploadVersion = async (
  wrangler: Wrangler,
  environment: string,
  { tag, message }: { readonly tag: string; readonly message: string },
): Promise<string> => {
  const args = ['versions', 'upload', '--env', environment, '--tag', tag, '--message', message]
  const id = idIn((await mustRun(wrangler, args)).entries, 'version-upload')
  if (id === undefined) throw new RefusedError('wrangler versions upload did not say which version it made')
  return id
}

/** Deploys the code as it lies here to everybody, with migrations and triggers. Resolves to its id and its addresses. */
export const deployAtOnce = async (
  wrangler: Wrangler,
  environment: string,
  { tag, message }: { readonly tag: string; readonly message: string },
): Promise<{ readonly version: string; readonly urls: readonly string[] }> => {
  const { entries } = await mustRun(wrangler, ['deploy', '--env', environment, '--tag', tag, '--message', message])
  const version = idIn(entries, 'deploy')
  if (version === undefined) throw new RefusedError('wrangler deploy did not say which version it made')
  const entry = z
    .object({ targets: z.array(z.string()).default([]) })
    .parse(entries.find(({ type }) => type === 'deploy'))
  return { version, urls: entry.targets.filter((target) => target.startsWith('https://')) }
}

/** Always in the same order, so that an object that runs the new code keeps it (Cloudflare's documentation, 2026-11). */
export const deployShares = async (
  wrangler: Wrangler,
  environment: string,
  shares: readonly Share[],
  message: string,
): Promise<void> => {
  const specs = shares.map(({ version, percent }) => `${version}@${percent}%`)
  await mustRun(wrangler, ['versions', 'deploy', ...specs, '--yes', '--message', message, '--env', environment])
}

const ATTEMPTS = 3
/** The most that Cloudflare takes of a message. */
const MESSAGE_LENGTH = 100

export const rollbackArguments = (environment: string, version: string, reason: string): readonly string[] => {
  const message = reason.slice(0, MESSAGE_LENGTH)
  return ['rollback', version, '--yes', '--message', message, '--env', environment]
}

/** All traffic back to `version`. False: it did not succeed, in several tries. */
export const rollBack = async (
  wrangler: Wrangler,
  environment: string,
  version: string,
  reason: string,
  say: (text: string) => void,
): Promise<boolean> => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = await wrangler(rollbackArguments(environment, version, reason))
    const shares = answer.code === 0 ? await deployedShares(wrangler, environment).catch(() => null) : null
    if (shares?.length === 1 && shares[0]?.version === version) return true
    say(`rollback, try ${attempt}: ${answer.code === 0 ? 'it is not what is deployed' : failureOf(answer)}`)
  }
  return false
}
