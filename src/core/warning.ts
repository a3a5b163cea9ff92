/** The closed list of what an answer can warn of. A missing or odd value is not an error: it is replaced, flagged and counted. */
export const WARNING_CODES = [
  /** The event names no zip, and the edge's own is not used or not known. */
  'zip_missing',
  /** What stands in the zip field is not a US zip. */
  'zip_malformed',
  /** A well-formed zip that the zip data do not hold. */
  'zip_unknown',
  'zip_store_timeout',
  'zip_store_error',
  'zip_store_corrupt',
  /** The store was not asked, since it has just failed several times. */
  'zip_store_skipped',
  /** The store holds nothing for this part of the country: it was not seeded. */
  'zip_store_unseeded',
  /** The values are the mean of the zip's first three digits. */
  'zip3_mean',
  /** The values are the mean of the country. */
  'national_mean',
  /** Which release holds could not be found out in time: the last one known here answered, or the one that ships in the bundle. */
  'release_unknown',
  /** The version that should have answered could not be had in time: one that the release names for this case answered instead. */
  'release_fallback',
  /** The session of the version that should have answered broke: another version of the release answered. */
  'version_fallback',
  /** No model ran: the outputs are the means of the model's reference profile. */
  'reference_mean',
  /** Inference is switched off by MODE. */
  'inference_off',
  /** The sender's clock was wrong by more than CLOCK_OFFSET_SECONDS, by its `sent_at`; the event's time was corrected. */
  'clock_corrected',
  /** `sent_at` is no time: the event's own time stands as if there were none. */
  'sent_at_unreadable',
  /** The time of the event cannot be told more exactly than these calendar fields are fine; the local ones where the model takes them. */
  'hour_of_day_uncertain',
  'day_of_week_uncertain',
  'day_of_year_uncertain',
  'local_hour_of_day_uncertain',
  'local_day_of_week_uncertain',
  'local_day_of_year_uncertain',
  /** The event lies further back than FAR_PAST_SECONDS. */
  'time_far_past',
  /** The event lies further ahead than FAR_FUTURE_SECONDS. */
  'time_far_future',
  /** An explanation was asked for and cannot be given: not one of the first ten events, nothing to compare with, too many groups of features, or too little time. */
  'not_explained',
  /** A value lies outside what the model saw in training. */
  'outside_training_range',
] as const

export type WarningCode = (typeof WARNING_CODES)[number]
