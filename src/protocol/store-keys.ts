/** The grammar of the keys in KV and R2. */

/** `zip3/941`: the pack of all zips that begin with 941. */
export const zipPackKey = (zip3: string): string => `zip3/${zip3}`

/** `release/late-arrival`: the copy of a model's release that cold isolates read. */
export const releaseKey = (model: string): string => `release/${model}`

/** The files of a version, each under `models/{name}/{version}/`. */
export const VERSION_FILES = {
  manifest: 'manifest.json',
  model: 'model.onnx',
  reference: 'reference.json',
  card: 'MODEL_CARD.md',
} as const

export type VersionFile = keyof typeof VERSION_FILES

/** `models/late-arrival/1.0.0/model.onnx`. */
export const versionFileKey = (model: string, version: string, file: VersionFile): string =>
  `models/${model}/${version}/${VERSION_FILES[file]}`

const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** `archive/2026-11-25/13/`: the archived events that were received in that hour, UTC. */
export const archiveHour = (epochMilliseconds: number): string => {
  const at = new Date(epochMilliseconds)
  return `archive/${at.toISOString().slice(0, 10)}/${twoDigits(at.getUTCHours())}/`
}

/** `archive/2026-11-25/13/{message}.ndjson.gz`. */
export const archiveKey = (message: string, receivedAt: number): string =>
  `${archiveHour(receivedAt)}${message}.ndjson.gz`

/** `payloads/2026-11-25/{message}-{index}.json`: an event too large for a message. */
export const payloadKey = (message: string, index: number, receivedAt: number): string =>
  `payloads/${new Date(receivedAt).toISOString().slice(0, 10)}/${message}-${index}.json`

/** What begins the keys of dead letters that wait for their object. */
export const PARKED_LETTERS = 'letters/'

/** `letters/{id}.json`. */
export const parkedLetterKey = (id: string): string => `${PARKED_LETTERS}${id}.json`
