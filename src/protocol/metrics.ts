/** Every metric of `GET /metrics`, declared once: what Prometheus reads, docs/operating.md lists and the rules of ops/prometheus ask for. */
import type { FailureCode } from '../core/failure.ts'

export interface MetricDeclaration {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

const VERSION = ['model_name', 'model_version'] as const

export const METRICS = {
  predictions: {
    name: 'nearcast_predictions_total',
    type: 'counter',
    help: 'Events for which a version was chosen, by outcome: ok, or the failure code.',
    labels: [...VERSION, 'outcome'],
  },
  degraded: {
    name: 'nearcast_degraded_predictions_total',
    type: 'counter',
    help: 'Answered events that bear a flag; one may bear several.',
    labels: [...VERSION, 'flag'],
  },
  rejected: {
    name: 'nearcast_rejected_total',
    type: 'counter',
    help: 'Events and requests that failed before a version was chosen, by failure code.',
    labels: ['code'],
  },
  zipLookups: {
    name: 'nearcast_zip_lookups_total',
    type: 'counter',
    help: 'Lookups of zip features, by how they ended.',
    labels: ['outcome'],
  },
  zipReads: {
    name: 'nearcast_zip_reads_total',
    type: 'counter',
    help: 'Zip packs read from KV, by how the read ended; one may serve many lookups.',
    labels: ['outcome'],
  },
  accepted: {
    name: 'nearcast_accepted_events_total',
    type: 'counter',
    help: 'Events that were stored to be predicted later; what becomes of them is counted when it is known.',
    labels: [],
  },
  lost: {
    name: 'nearcast_lost_events_total',
    type: 'counter',
    help: 'Events whose counts were given up; an upper bound, for a count may have arrived whose reply was lost.',
    labels: [],
  },
  loadFailures: {
    name: 'nearcast_load_failures_total',
    type: 'counter',
    help: 'How often a released version could not be loaded.',
    labels: VERSION,
  },
  limitFaults: {
    name: 'nearcast_limit_faults_total',
    type: 'counter',
    help: 'Requests that passed uncounted since the limit of requests failed, by how.',
    labels: ['fault'],
  },
  requests: {
    name: 'nearcast_requests_total',
    type: 'counter',
    help: 'Requests answered, by operation (none: there is no such route) and class of status.',
    labels: ['route', 'status'],
  },
  duration: {
    name: 'nearcast_prediction_duration_seconds',
    type: 'histogram',
    help: 'Wall time of requests for predictions; each measured request stands for those that were not. Absent where no duration is known.',
    labels: VERSION,
  },
  stageDuration: {
    name: 'nearcast_stage_duration_seconds',
    type: 'histogram',
    help: 'Wall time of the stages of measured requests, weighted alike; buckets and sum are off by 1 % of a duration at most. Absent where none is known.',
    labels: [...VERSION, 'stage'],
  },
  unknownDurations: {
    name: 'nearcast_prediction_duration_unknown_total',
    type: 'counter',
    help: 'Requests, weighted alike, whose duration is not known since the clock stood still; they are in no bucket.',
    labels: VERSION,
  },
  browserDuration: {
    name: 'nearcast_browser_request_duration_seconds',
    type: 'histogram',
    help: 'How long browsers waited for an answer, as the beacon told it; buckets and sum are off by 1 % of a duration at most. Nothing of it is verified.',
    labels: ['route'],
  },
  shards: {
    name: 'nearcast_statistics_shards',
    type: 'gauge',
    help: 'Statistics objects that were asked.',
    labels: [],
  },
  shardsAnswered: {
    name: 'nearcast_statistics_shards_answered',
    type: 'gauge',
    help: 'Statistics objects that answered; unless all do, the counters above are absent.',
    labels: [],
  },
  deadLetters: {
    name: 'nearcast_dead_letters',
    type: 'gauge',
    help: 'Dead letters that are kept, by state. Absent while their object does not answer.',
    labels: ['state'],
  },
  overQuota: {
    name: 'nearcast_dead_letters_over_quota',
    type: 'gauge',
    help: 'Dead letters over the quota, of which only the number is kept.',
    labels: [],
  },
  letterBytes: {
    name: 'nearcast_dead_letter_payload_bytes',
    type: 'gauge',
    help: 'Payloads of the dead letters that are kept.',
    labels: [],
  },
  release: {
    name: 'nearcast_release_info',
    type: 'gauge',
    help: '1 for each version that a release names, by role: stable, canary, shadow or fallback.',
    labels: [...VERSION, 'role'],
  },
  releaseShare: {
    name: 'nearcast_release_share_ratio',
    type: 'gauge',
    help: 'Share of the units that a version answers, from 0 to 1.',
    labels: VERSION,
  },
  releaseRevision: {
    name: 'nearcast_release_revision',
    type: 'gauge',
    help: 'Revision of the release; it only grows.',
    labels: ['model_name'],
  },
  driftedSeries: {
    name: 'nearcast_drifted_series',
    type: 'gauge',
    help: 'Fields and outputs of a version that differ from its reference profile, by the last evaluation. Absent while there is none of the last hours.',
    labels: VERSION,
  },
  zipData: {
    name: 'nearcast_zip_data_timestamp_seconds',
    type: 'gauge',
    help: 'Start of the month of which the zip data in KV is. Absent while it is not known.',
    labels: [],
  },
  build: {
    name: 'nearcast_build_info',
    type: 'gauge',
    help: '1, of the code that answered this scrape.',
    labels: ['version', 'code_version'],
  },
  codeVersion: {
    name: 'nearcast_code_version_info',
    type: 'gauge',
    help: '1 for each deployed version of the code that counted events in the last five minutes.',
    labels: ['code_version'],
  },
} as const satisfies Record<string, MetricDeclaration>

/** Failures of ours and not of the caller's, by which the error budget is spent. Their series are there from the start, at 0. */
export const BUDGET_CODES = {
  /** Of `nearcast_predictions_total`. */
  predictions: ['model_failed', 'model_unavailable', 'deadline_exceeded', 'internal'],
  /** Of `nearcast_rejected_total`. */
  rejected: [
    'model_failed',
    'model_unavailable',
    'deadline_exceeded',
    'internal',
    'misconfigured',
    'queue_unavailable',
    'archive_unavailable',
  ],
} as const satisfies Record<string, readonly FailureCode[]>
