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
