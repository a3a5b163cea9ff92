/** What alerts need from outside: the counts of all statistics objects, and somewhere to send what fires. */
import type { AlertWindows } from '../../core/alerts/alert-windows.ts'
import type { Notification } from '../../core/alerts/outbox.ts'
import type { Deadline } from '../../core/clock.ts'

export interface ReadAlertCounts {
  /** Over all shards; `null`: one did not answer, and part of the counts tells nothing. */
  readonly windows: AlertWindows | null
  readonly shards: { readonly asked: number; readonly answered: number }
  /** The models that those that answered have counted anything of in three days. */
  readonly models: readonly string[]
}

export interface AlertCountsReader {
  /** At `now`, epoch milliseconds. A shard that fails has not answered. */
  read(now: number, deadline: Deadline): Promise<ReadAlertCounts>
}

export interface AlertSink {
  /** How the receiver wants to be told. */
  readonly format: 'slack' | 'json'
  /** Rejects unless the receiver has taken it, in time. */
  deliver(notification: Notification, deadline: Deadline): Promise<void>
}
