/** A webhook that alerts are sent to. Its address is a secret: no message of an error holds it. */
import { plainNotification, slackNotification } from '../protocol/alert-notification.ts'
import type { AlertSink } from '../serving/ports/alert-parts.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

export interface Webhook {
  readonly url: string
  readonly format: AlertSink['format']
}

export const alertWebhook = ({ url, format }: Webhook, timers: Timers, request: typeof fetch = fetch): AlertSink => ({
  format,
  async deliver({ transition }, deadline) {
    const cancel = new AbortController()
    const call = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: format === 'slack' ? slackNotification(transition) : plainNotification(transition),
      // Where it points to is nobody's decision but the operator's.
      redirect: 'manual',
      signal: cancel.signal,
    }).catch(() => {
      throw new Error('the webhook cannot be reached')
    })
    const response = await within(call, deadline, timers)
    if (response === TIMED_OUT) {
      cancel.abort()
      // What comes of the call does not matter any more.
      call.catch(() => undefined)
      throw new Error('the webhook did not answer in time')
    }
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`)
  },
})
