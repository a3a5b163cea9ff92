/** The wire form of the alerts: what `GET /v1/alerts` answers. */
import { z } from 'zod'
import { ALERT_RULES, type AlertName } from '../core/alerts/rules.ts'

const nameSchema = z.enum(Object.keys(ALERT_RULES) as [AlertName, ...AlertName[]])
const severitySchema = z.enum(['page', 'ticket']).describe('page: wake somebody. ticket: look at it in the morning')
const labelsSchema = z.record(z.string(), z.string())
const timeSchema = z.int().describe('Epoch milliseconds')

const alertSchema = z
  .object({
    name: nameSchema,
    severity: severitySchema,
    state: z.enum(['pending', 'firing']),
    labels: labelsSchema,
    value: z.number().describe('What the alert is about: a share in [0, 1], or a count'),
    since: timeSchema.describe('When its condition began to hold, epoch milliseconds'),
    firing_since: timeSchema.nullable().describe('Epoch milliseconds; null while it is pending'),
  })
  .meta({ id: 'Alert' })

const transitionSchema = z
  .object({
    name: nameSchema,
    severity: severitySchema,
    labels: labelsSchema,
    value: z.number(),
    to: z.enum(['firing', 'resolved']),
    at: timeSchema,
  })
  .meta({ id: 'AlertTransition' })

export const alertsSchema = z
  .object({
    evaluated_at: timeSchema.nullable().describe('When the rules were last looked at; null: not yet'),
    stale: z.boolean().describe('The rules have not been looked at for a minute, or never: what follows may be old'),
    alerts: z.array(alertSchema).describe('Pending and firing'),
    unknown: z.array(nameSchema).describe('What could not be told at the last look: such an alert keeps its state'),
    recent: z.array(transitionSchema).describe('The last changes, newest first, at most 200'),
    delivery: z.object({
      webhook: z.enum(['slack', 'json']).nullable().describe('null: none is configured, so alerts are only listed'),
      waiting: z.int().describe('Notifications that are still to be delivered'),
      undelivered: z
        .array(transitionSchema.extend({ tries: z.int() }))
        .describe('Notifications that were given up after an hour, oldest first, at most 100'),
      forgotten: z.int().describe('Undelivered ones that there was no more room for'),
    }),
  })
  .meta({
    id: 'Alerts',
    example: {
      evaluated_at: 1731880381293,
      stale: false,
      alerts: [
        {
          name: 'NearcastErrorBudgetBurn',
          severity: 'page',
          state: 'firing',
          labels: { window: '1h' },
          value: 0.021,
          since: 1731880371293,
          firing_since: 1731880371293,
        },
      ],
      unknown: [],
      recent: [
        {
          name: 'NearcastErrorBudgetBurn',
          severity: 'page',
          labels: { window: '1h' },
          value: 0.021,
          to: 'firing',
          at: 1731880371293,
        },
      ],
      delivery: { webhook: 'slack', waiting: 0, undelivered: [], forgotten: 0 },
    },
  })

export type Alerts = z.infer<typeof alertsSchema>
