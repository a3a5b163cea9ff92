/** What POST /v1/events answers: how many events are stored, and what became of the others. */
import { z } from 'zod'
import { rejectedEventSchema } from './problem.ts'

export const eventsAnswerSchema = z
  .object({
    accepted: z.int().nonnegative().describe('Events that are stored'),
    rejected: z.array(rejectedEventSchema).describe('The others, in order'),
  })
  .meta({ id: 'EventsAnswer' })

export type EventsAnswer = z.infer<typeof eventsAnswerSchema>
