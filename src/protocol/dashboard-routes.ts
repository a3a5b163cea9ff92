/** The routes of the dashboard: the page, and the time line it draws. */
import { z } from 'zod'
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
