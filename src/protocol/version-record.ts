/** What is known of a published version without its files. */
import { z } from 'zod'

const fileSchema = z.object({ bytes: z.int(), sha256: z.string() })

/** Format 1; stored as it goes over the wire. */
export const versionRecordSchema = z
  .object({
    format: z.literal(1),
    name: z.string(),
    version: z.string(),
    digest: z.string().describe('SHA-256 over the names and SHA-256s of all files: the identity of the version'),
    files: z.record(z.string(), fileSchema).describe('By part: manifest, model, reference, card'),
    evidence: z.enum(['real', 'synthetic']),
    signature: z.object({
      inputs: z.array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) })),
      outputs: z.array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.int()), kind: z.string() })),
    }),
    feature_view: z.object({
      version: z.int(),
      fingerprint: z.string().describe('The same for views whose fields are the same in the same order'),
      fields: z.array(z.string()),
    }),
    metrics: z.record(z.string(), z.unknown()).nullable(),
    git_tag: z.string().nullable(),
    published_at: z.iso.datetime().nullable().describe('null: it ships in the bundle'),
    published_by: z.string(),
  })
  .meta({ id: 'VersionRecord' })

export type VersionRecord = z.infer<typeof versionRecordSchema>
