/** The routes of the demo and of the dashboard: the pages, the time line it draws, the alerts, and drift. */
import { z } from 'zod'
import { alertsSchema } from './alerts.ts'
import { driftSchema } from './drift.ts'
import { seriesRangeSchema, seriesSchema } from './series.ts'

export const DASHBOARD_ROUTES = {
  series: {
    method: 'get',
    path: '/v1/stats/series',
    operationId: 'getStatisticsSeries',
    summary: 'Predictions, errors and latency along the time line, with the changes of releases',
    security: 'read',
    query: z.object({ range: seriesRangeSchema.optional().describe('How far back; 5m by default') }),
    answer: seriesSchema,
    problems: ['invalid_parameter', 'statistics_unavailable'],
  },
  alerts: {
    method: 'get',
    path: '/v1/alerts',
    operationId: 'getAlerts',
    summary: 'The alerts that are pending or firing, what changed lately, and what could not be delivered',
    security: 'read',
    answer: alertsSchema,
    problems: ['statistics_unavailable'],
  },
  drift: {
    method: 'get',
    path: '/v1/drift',
    operationId: 'getDrift',
    summary: 'Each field and output of the versions that answer, beside what they were trained on',
    security: 'read',
    query: z.object({ model: z.string().optional().describe('One model alone; all by default') }),
    answer: driftSchema,
    problems: ['statistics_unavailable'],
  },
  demo: {
    method: 'get',
    path: '/demo',
    operationId: 'demo',
    summary: 'A small shop that asks both models and shows what their answers are made of',
    security: 'public',
    answer: z.string(),
    answerType: 'text/html',
    problems: [],
  },
  dashboard: {
    method: 'get',
    path: '/dashboard',
    operationId: 'dashboard',
    summary: 'A page that shows the statistics live; it asks for READ_TOKEN unless they are public',
    security: 'public',
    answer: z.string(),
    answerType: 'text/html',
    problems: [],
  },
} as const
