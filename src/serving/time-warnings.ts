/** What an answer warns of because of its event's time. */
import type { SettledTime } from '../core/event/settle-time.ts'
import { uncertainFields } from '../core/event/uncertain-fields.ts'
import type { WarningCode } from '../core/warning.ts'
import { type ZipFeatures, zipValue } from '../core/zip/zip-features.ts'

/** `fields` are those of the model's view, `zip` is what is known of the event's place. An instant of unknown uncertainty casts no doubt on them. */
export const timeWarnings = (
  { epochMilliseconds, uncertaintyMilliseconds, warnings }: SettledTime,
  zip: ZipFeatures,
  fields: readonly string[],
): readonly WarningCode[] => {
  if (uncertaintyMilliseconds === null || uncertaintyMilliseconds === 0) return warnings
  const zone = zipValue(zip, 'time_zone')
  const known = typeof zone === 'string' ? zone : undefined
  const uncertain = uncertainFields(epochMilliseconds, uncertaintyMilliseconds, known, fields)
  return uncertain.length === 0 ? warnings : [...warnings, ...uncertain]
}
