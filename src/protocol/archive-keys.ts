/** The keys of archived events as compaction and readers see them: small objects, joined ones, and what is being joined. */

const DAY = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`
const HOUR = String.raw`(?:[01]\d|2[0-3])`
const NAME = '[A-Za-z0-9][A-Za-z0-9_-]{0,127}'

const DAY_FORM = new RegExp(`^${DAY}$`)
export const HOUR_FORM = new RegExp(`^${HOUR}$`)
export const ARCHIVE_FORM = new RegExp(`^archive/(${DAY})/(${HOUR})/(${NAME})\\.ndjson\\.gz$`)
const JOINING_FORM = new RegExp(`^joining/(${DAY}/${HOUR})(?:\\.json|/${NAME}\\.ndjson\\.gz)$`)
const JOINED = 'joined-'

export const ARCHIVE_PREFIX = 'archive/'
export const JOINING_PREFIX = 'joining/'
export const PAYLOAD_PREFIX = 'payloads/'

/** `2026-11-25`, a date by its form. */
export const isDay = (text: string): boolean => DAY_FORM.test(text)

/** `2026-11-25` of an instant, UTC. */
export const dayOf = (epochMilliseconds: number): string => new Date(epochMilliseconds).toISOString().slice(0, 10)

export interface ArchiveKey {
  readonly day: string
  readonly hour: string
  /** The message whose events it holds; a joined object has a name of its own. */
  readonly name: string
  readonly isJoined: boolean
}

/** The parts of a key of the archive; `null` for any other key. */
export const readArchiveKey = (key: string): ArchiveKey | null => {
  const [, day, hour, name] = ARCHIVE_FORM.exec(key) ?? []
  if (day === undefined || hour === undefined || name === undefined) return null
  return { day, hour, name, isJoined: name.startsWith(JOINED) }
}

/** `archive/2026-11-25/13/` or `archive/2026-11-25/`. */
export const archivePrefix = (day: string, hour: string | null): string =>
  `${ARCHIVE_PREFIX}${day}/${hour === null ? '' : `${hour}/`}`

/** What is being joined under a prefix of the archive. */
export const joiningOf = (prefix: string): string => JOINING_PREFIX + prefix.slice(ARCHIVE_PREFIX.length)

/** An hour of the archive as compaction names it: `2026-11-25/13`. */
export type ArchiveHour = string

/** `archive/2026-11-25/13/joined-{job}.ndjson.gz`. */
export const joinedKey = (hour: ArchiveHour, job: string): string =>
  `${ARCHIVE_PREFIX}${hour}/${JOINED}${job}.ndjson.gz`

/** `joining/2026-11-25/13.json`: what is done in that hour. */
export const journalKey = (hour: ArchiveHour): string => `${JOINING_PREFIX}${hour}.json`

export const isJournalKey = (key: string): boolean => key.startsWith(JOINING_PREFIX) && key.endsWith('.json')

/** `joining/2026-11-25/13/`: joined objects that readers do not see yet. */
export const joiningPrefix = (hour: ArchiveHour): string => `${JOINING_PREFIX}${hour}/`

/** `joining/2026-11-25/13/{job}.ndjson.gz`. */
export const joiningKey = (hour: ArchiveHour, job: string): string => `${joiningPrefix(hour)}${job}.ndjson.gz`

/** The hour that a key of the journals, or of what is being joined, belongs to; `null` for any other key. */
export const hourOfJoining = (key: string): ArchiveHour | null => JOINING_FORM.exec(key)?.[1] ?? null
