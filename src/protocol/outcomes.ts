/** What really happened to events, as it is reported and what is answered. */
import { z } from 'zod'
import { itemErrorSchema } from './problem.ts'

export const outcomeSchema = z
  .object({
    id: z.union([z.string(), z.int()]).describe('The id of the event, as its prediction had it'),
    output: z.string().describe('The name of the output that foretold it'),
    value: z
      .union([z.number(), z.boolean()])
      .describe('Of a probability: whether it happened, or the share from 0 to 1; of a value: the true one'),
    occurred_at: z
      .union([z.int(), z.string()])
      .optional()
      .describe('When it happened: epoch milliseconds, or ISO 8601 with its zone'),
  })
  .meta({ id: 'Outcome' })

export const outcomesAnswerSchema = z
  .object({
    accepted: z.int().describe('Outcomes without an error'),
    matched: z.int().describe('Accepted ones whose event a canary was compared on; the others judge nothing'),
    rejected: z.array(itemErrorSchema),
    shards: z
      .object({ answered: z.int(), of: z.int() })
      .describe('Statistics objects that took the outcomes, of those asked; report again when some did not'),
  })
  .meta({ id: 'OutcomesAnswer' })

export type OutcomesAnswer = z.infer<typeof outcomesAnswerSchema>
