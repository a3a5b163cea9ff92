/** Whether a version's files fit each other and what the edge can compute. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compileFeatureView } from '../../core/features/compute.ts'
import { readReferenceProfile } from '../../core/profile/read-reference-profile.ts'
import { TZDATA_VERSION } from '../../core/time/zones.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import { checkManifest } from '../../serving/check-manifest.ts'
import { stringFields } from '../../serving/input-tensors.ts'
import { attempt, type Check, counted, failed, passed, reasonOf, skipped, warning } from './check.ts'

export const checkConsistency = (manifest: Manifest): Promise<Check> =>
  attempt('manifest', () => {
    checkManifest(manifest)
    const { feature_view, inputs, outputs } = manifest
    const counts = [
      counted(feature_view.fields.length, 'field'),
      counted(inputs.length, 'input'),
      counted(outputs.length, 'output'),
    ].join(', ')
    return passed('manifest', `keeps the schema and agrees with itself: ${counts}`)
  })

export const checkSha256 = ({ sha256 }: Manifest, model: Uint8Array): Check => {
  const found = createHash('sha256').update(model).digest('hex')
  return found === sha256
    ? passed('sha256', found)
    : failed('sha256', `the graph's is ${found}, the manifest says ${sha256}`)
}

/** `zipColumns`: of the zip features at hand; empty where there are none to look at. */
export const checkFields = (manifest: Manifest, zipColumns: readonly string[]): Promise<Check> =>
  attempt('fields', () => {
    const { feature_view } = manifest
    compileFeatureView(feature_view, stringFields(manifest))
    const unknown = feature_view.fields
      .filter(({ source, name }) => source === 'zip' && zipColumns.length > 0 && !zipColumns.includes(name))
      .map(({ name }) => `"${name}": the zip features have no such column, so it would always be missing`)
    if (unknown.length > 0) return failed('fields', 'the edge cannot fill all of them', { details: unknown })
    const { tzdata } = feature_view
    if (tzdata !== undefined && tzdata !== TZDATA_VERSION) {
      return warning(
        'fields',
        `trained with tz database ${tzdata}; this build computes local time by ${TZDATA_VERSION}`,
      )
    }
    return passed('fields', `the edge can fill them: ${feature_view.fields.map(({ name }) => name).join(', ')}`)
  })

export const checkReference = async (directory: string, manifest: Manifest): Promise<Check> => {
  const { reference: file } = manifest
  if (file === undefined)
    return skipped('reference', 'the manifest names no reference profile: drift cannot be watched')
  try {
    const reference = readReferenceProfile(JSON.parse(await readFile(join(directory, file), 'utf8')))
    if (reference.model !== manifest.name || reference.version !== manifest.version) {
      return failed('reference', `${file} is of "${reference.model}" ${reference.version}`)
    }
    const fields = new Set(manifest.feature_view.fields.map(({ name }) => name))
    const strange = reference.fields.filter(({ name }) => !fields.has(name)).map(({ name }) => name)
    if (strange.length > 0) return failed('reference', `${file} counts ${strange.join(', ')}, no fields of this model`)
    const message = [
      counted(reference.rows, 'row'),
      counted(reference.fields.length, 'field'),
      counted(reference.outputs.length, 'output'),
    ].join(', ')
    return passed('reference', message, { figures: { rows: reference.rows } })
  } catch (error) {
    return failed('reference', `${file}: ${reasonOf(error)}`)
  }
}
