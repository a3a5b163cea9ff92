/** The record of a version that is being published: what it is made of, what it takes and gives, and its identity. */
import { murmur3 } from '../core/hash/murmur3.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { VERSION_FILES, type VersionFile } from '../protocol/store-keys.ts'
import type { VersionRecord } from '../protocol/version-record.ts'
import type { VersionFiles } from './ports/version-objects.ts'

const PARTS = Object.keys(VERSION_FILES) as readonly VersionFile[]

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const sha256 = async (bytes: Uint8Array): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** For `JSON.stringify`: keys in order, so that the same always reads the same. */
export const canonical = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** MurmurHash3 of the fields, in their order, as JSON: tells views apart, and is no secret. */
export const viewFingerprint = ({ fields }: Manifest['feature_view']): string =>
  murmur3(utf8(JSON.stringify(fields, canonical)))

const gitTag = ({ trained }: Manifest): string | null => {
  const tag = trained?.git_tag
  return typeof tag === 'string' ? tag : null
}

/** `now`: epoch milliseconds, `null` for what ships in the bundle. */
export const versionRecord = async (
  manifest: Manifest,
  files: VersionFiles,
  by: string,
  now: number | null,
): Promise<VersionRecord> => {
  const entries = await Promise.all(
    PARTS.flatMap((part) => {
      const bytes = files[part]
      return bytes === null
        ? []
        : [sha256(bytes).then((hash) => [part, { bytes: bytes.length, sha256: hash }] as const)]
    }),
  )
  const { name, version, evidence, feature_view, inputs, outputs, metrics } = manifest
  return {
    format: 1,
    name,
    version,
    digest: await sha256(utf8(entries.map(([part, file]) => `${part} ${file.sha256}\n`).join(''))),
    files: Object.fromEntries(entries),
    evidence,
    signature: {
      inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
      outputs: outputs.map(({ name, datatype, shape, kind }) => ({ name, datatype, shape, kind })),
    },
    feature_view: {
      version: feature_view.version,
      fingerprint: viewFingerprint(feature_view),
      fields: feature_view.fields.map((field) => field.name),
    },
    metrics: metrics ?? null,
    git_tag: gitTag(manifest),
    published_at: now === null ? null : new Date(now).toISOString(),
    published_by: by,
  }
}
