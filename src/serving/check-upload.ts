/** Whether uploaded files are a version that this deployment can serve, as far as that shows without running it. */
import { Failure } from '../core/failure.ts'
import { compileFeatureView } from '../core/features/compute.ts'
import { readReferenceProfile } from '../core/profile/read-reference-profile.ts'
import { type Manifest, manifestSchema } from '../protocol/manifest.ts'
import { StreamLimits } from '../protocol/stream-limits.ts'
import { decodeUtf8 } from '../protocol/utf8.ts'
import { stringFields } from './input-tensors.ts'
import type { VersionFiles } from './ports/version-objects.ts'

/** A manifest and what is kept of it must fit in a row of the controller, which holds 2 MB. */
const MAX_MANIFEST_BYTES = 1_048_576
const SHOWN = 5

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** No manifest and no profile comes near it; checking one that does would take seconds. */
const MAX_KEYS = 100_000

/** Throws Failure `invalid_upload` for what is no JSON, nests too deeply or has too many keys: known before anything is built of it. */
const parseJson = (part: string, bytes: Uint8Array): unknown => {
  try {
    new StreamLimits(
      { maxEvents: Number.POSITIVE_INFINITY, maxKeys: MAX_KEYS, described: 'no version needs them' },
      'json',
    ).push(bytes)
  } catch (cause) {
    throw new Failure('invalid_upload', `part "${part}": ${reasonOf(cause)}`, part, { cause })
  }
  try {
    return JSON.parse(decodeUtf8(bytes))
  } catch (cause) {
    throw new Failure('invalid_upload', `part "${part}" is not JSON: ${reasonOf(cause)}`, part, { cause })
  }
}

/** Throws Failure `invalid_upload` or `invalid_manifest`, the latter with the first places that are wrong. */
export const readManifest = (bytes: Uint8Array): Manifest => {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    const message = `part "manifest" has ${bytes.length} bytes, of ${MAX_MANIFEST_BYTES} at most`
    throw new Failure('invalid_upload', message, 'manifest')
  }
  const parsed = manifestSchema.safeParse(parseJson('manifest', bytes))
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const shown = issues.slice(0, SHOWN).map(({ path, message }) => `${path.join('.') || 'manifest'}: ${message}`)
  const more = issues.length > SHOWN ? `; and ${issues.length - SHOWN} more` : ''
  throw new Failure('invalid_manifest', `${shown.join('; ')}${more}`, issues[0]?.path.join('.') || 'manifest')
}

/** Throws Failure `unknown_fields` with every field that cannot be computed here. `zipColumns`: of this deployment's zip features. */
export const checkFieldsKnown = (manifest: Manifest, zipColumns: readonly string[]): void => {
  const texts = stringFields(manifest)
  const { fields } = manifest.feature_view
  const unknown = fields.filter((field) => {
    if (field.source === 'zip') return !zipColumns.includes(field.name)
    try {
      compileFeatureView({ ...manifest.feature_view, fields: [field] }, texts)
      return false
    } catch {
      return true
    }
  })
  if (unknown.length === 0) return
  const names = unknown.map(({ name, source }) => `"${name}" (${source})`).join(', ')
  throw new Failure('unknown_fields', `this deployment cannot compute ${names}`, 'feature_view.fields')
}

/** Throws Failure `invalid_upload` unless the reference profile is there if it is named, and belongs to the version. */
export const checkReference = (manifest: Manifest, { reference: bytes }: VersionFiles): void => {
  const { name, version, reference: file } = manifest
  const refuse = (message: string): Failure => new Failure('invalid_upload', message, 'reference')
  if (bytes === null) {
    if (file === undefined) return
    throw refuse(`the manifest names ${file}, but there is no part "reference"`)
  }
  if (file === undefined) throw refuse('there is a part "reference", but the manifest names none')
  const json = parseJson('reference', bytes)
  let profile: ReturnType<typeof readReferenceProfile>
  try {
    profile = readReferenceProfile(json)
  } catch (cause) {
    throw refuse(`part "reference" is no reference profile: ${reasonOf(cause)}`)
  }
  if (profile.model !== name || profile.version !== version) {
    throw refuse(`part "reference" is of ${profile.model}@${profile.version}, the manifest of ${name}@${version}`)
  }
}
