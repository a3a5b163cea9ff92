/** What a receiver of alerts is sent: a plain JSON body, or one that Slack and what takes its webhooks understand. */
import type { AlertTransition } from '../core/alerts/advance.ts'

/** The section of docs/operating.md about an alert. */
export const runbookOf = (name: string): string => `docs/operating.md#${name.toLowerCase()}`

/** Slack reads these three as markup (api.slack.com, "Escaping text", read 2026-11). */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const figureOf = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(3))

const sentenceOf = ({ name, severity, labels, value, to }: AlertTransition): string => {
  const told = Object.entries(labels).map(([label, of]) => `${label} ${of}`)
  return [
    `${to === 'firing' ? 'FIRING' : 'resolved'} (${severity}): ${name}`,
    ...told,
    `value ${figureOf(value)}`,
  ].join(', ')
}

export const plainNotification = (transition: AlertTransition): string =>
  JSON.stringify({
    format: 1,
    service: 'nearcast',
    status: transition.to,
    name: transition.name,
    severity: transition.severity,
    labels: transition.labels,
    value: transition.value,
    at: new Date(transition.at).toISOString(),
    runbook: runbookOf(transition.name),
  })

export const slackNotification = (transition: AlertTransition): string => {
  const text = escaped(sentenceOf(transition))
  const beside = escaped(`nearcast, ${new Date(transition.at).toISOString()}, ${runbookOf(transition.name)}`)
  return JSON.stringify({
    text,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*${text}*` } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: beside }] },
    ],
  })
}
