/** The observer of an isolate whose statistics are switched off: takes what every observer takes, keeps none of it and sends nothing. */
import { DEFAULT_JUDGEMENT } from '../core/judgement/config.ts'
import { EvidenceBuilder } from '../core/judgement/evidence-builder.ts'
import { PairRecorder } from '../core/statistics/pair-recorder.ts'
import type { LatencyProbe } from './measure.ts'
import { Observer } from './observe.ts'
import type { MessageStatistics } from './ports/message-statistics.ts'

/** What is logged once by an isolate that observes nothing. */
export const UNOBSERVED =
  'OBSERVE is off: nothing is counted, so statistics, drift and alerts know nothing new and no canary gets traffic'

/** Every method of `Observer` that takes something has its twin here; a test compares the two. */
export class NothingObserver extends Observer {
  override prediction(): void {}
  override failure(): void {}
  override latency(): void {}
  override compared(): void {}
  override loadFailure(): void {}
  override accepted(): void {}
  override limitFault(): void {}
  override lost(): void {}
  override request(): void {}
  override zipLookup(): void {}
  override zipRead(): void {}
  override browserTiming(): void {}
  override afterAnswer(): void {}

  /** To be added to, and forgotten. */
  override pair(): PairRecorder {
    return new PairRecorder()
  }

  /** To be added to, and forgotten. */
  override evidence(...[subject, outputs]: Parameters<Observer['evidence']>): EvidenceBuilder {
    return new EvidenceBuilder(subject, outputs, DEFAULT_JUDGEMENT.latency)
  }
}

/** The counts of messages, taken for counted and forgotten: no message is delivered again for their sake. */
export const countNothing: MessageStatistics = {
  count: (deltas) => Promise.resolve({ counted: deltas.map(() => true), news: [] }),
}

/** No request is measured, so none pays for a timer. */
export const measureNothing: Pick<LatencyProbe, 'answered'> = { answered: () => undefined }
