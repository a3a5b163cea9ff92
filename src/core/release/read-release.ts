/** Reads a release that came from storage or from other code: checks what it holds and drops what this code does not know. */
import { isJsonObject } from '../json.ts'
import { type Actor, type Canary, type Hold, LATEST_MILLISECONDS, type Release, type Shadow } from './release.ts'

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Epoch milliseconds. */
const isTime = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= LATEST_MILLISECONDS

const isRevision = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** `undefined` is what no reader accepts; `null` is a value. */
const readCanary = (value: unknown): Canary | null | undefined => {
  if (value === null) return null
  if (!isJsonObject(value)) return undefined
  const { version, share, since } = value
  if (!isText(version) || typeof share !== 'number' || !(share > 0 && share < 1) || !isTime(since)) return undefined
  return { version, share, since }
}

const readShadow = (value: unknown): Shadow | null | undefined => {
  if (value === null) return null
  if (!isJsonObject(value) || !isText(value.version) || !isTime(value.since)) return undefined
  return { version: value.version, since: value.since }
}

const readActor = (value: unknown): Actor | undefined => {
  if (!isJsonObject(value) || typeof value.name !== 'string') return undefined
  const { kind, name } = value
  return kind === 'operator' || kind === 'rule' ? { kind, name } : undefined
}

const readHold = (value: unknown): Hold | null | undefined => {
  if (value === null) return null
  if (!isJsonObject(value)) return undefined
  const { reason, until } = value
  const by = readActor(value.by)
  if (!isText(reason) || by === undefined || !(until === null || isTime(until))) return undefined
  return { reason, until, by }
}

/** What readers rely on beyond the shape of each field. */
const isSound = ({ stable, canary, fallback, rolledBack }: Release): boolean =>
  canary?.version !== stable && !rolledBack.includes(stable) && (fallback === null || !rolledBack.includes(fallback))

/**
 * `json`, parsed, as a release of format 1 without the fields that format does not know; `null` where it is none. A reader that gets `null`
 * keeps the release it has.
 */
export const readRelease = (json: unknown): Release | null => {
  if (!isJsonObject(json) || json.format !== 1) return null
  const { model, revision, stable, fallback, changedAt } = json
  const rolledBack: unknown = json.rolledBack
  const canary = readCanary(json.canary)
  const shadow = readShadow(json.shadow)
  const hold = readHold(json.hold)
  if (canary === undefined || shadow === undefined || hold === undefined) return null
  if (!isText(model) || !isRevision(revision) || !isText(stable) || !isTime(changedAt)) return null
  if (!(fallback === null || isText(fallback))) return null
  if (!Array.isArray(rolledBack) || !rolledBack.every(isText)) return null
  const release: Release = {
    format: 1,
    model,
    revision,
    stable,
    canary,
    shadow,
    fallback,
    hold,
    rolledBack,
    changedAt,
  }
  return isSound(release) ? release : null
}
