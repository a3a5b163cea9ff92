/** From keys and ports to receipts that are signed, and outcomes that are reported with them. */
import type { Clock } from '../core/clock.ts'
import type { TimeRules } from '../core/event/event-time.ts'
import type { Manifest } from '../protocol/manifest.ts'
import type { OutcomeShards } from '../serving/ports/outcome-shards.ts'
import type { ScoredOutcomes } from '../serving/ports/scored-outcomes.ts'
import { ReceiptKeys } from '../serving/receipts/receipt-keys.ts'
import { ReceiptSigner } from '../serving/receipts/sign-receipts.ts'
import { ReceiptVerifier } from '../serving/receipts/verify-receipt.ts'
import { OutcomeReporter } from '../serving/report-outcomes.ts'
import type { Services } from './services.ts'

export interface OutcomeAssembly {
  readonly config: {
    readonly SIGNING_KEY: string | undefined
    readonly SIGNING_KEY_PREVIOUS: string | undefined
    readonly RECEIPT_DAYS: number
    readonly STATS_DEADLINE_MILLISECONDS: number
  }
  readonly outcomes: OutcomeShards
  readonly scored: ScoredOutcomes
  readonly rules: TimeRules
  readonly unitSeed: number
  readonly manifestOf: (model: string, version: string) => Manifest | null
  readonly clock: Clock
}

export const assembleOutcomes = ({
  config,
  outcomes: shards,
  manifestOf,
  clock,
  ...parts
}: OutcomeAssembly): { readonly signing: Pick<Services, 'receipts'>; readonly outcomes: OutcomeReporter } => {
  const { SIGNING_KEY: secret, SIGNING_KEY_PREVIOUS: previous } = config
  // The previous one alone signs nothing: a deployment without SIGNING_KEY has no receipts.
  const keys = new ReceiptKeys(secret === undefined ? [] : previous === undefined ? [secret] : [secret, previous])
  return {
    signing: secret === undefined ? {} : { receipts: new ReceiptSigner({ keys, manifestOf, clock }) },
    outcomes: new OutcomeReporter({
      ...parts,
      shards,
      receipts: new ReceiptVerifier({ keys, clock, days: config.RECEIPT_DAYS }),
      clock,
      deadlineMilliseconds: config.STATS_DEADLINE_MILLISECONDS,
    }),
  }
}
