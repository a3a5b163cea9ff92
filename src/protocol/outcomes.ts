/** What really happened to events, as it is reported and what is answered. */
import { z } from 'zod'
import { itemErrorSchema } from './problem.ts'

const idSchema = z.union([z.string(), z.int()]).describe('The id of the event, as its prediction had it')
const outputSchema = z.string().describe('The name of the output that foretold it')
const occurredSchema = z
  .union([z.int(), z.string()])
  .optional()
  .describe('When it happened: epoch milliseconds, or ISO 8601 with its zone')

const outcomeOfReceiptSchema = z
  .object({
    receipt: z
      .string()
      .describe('As the prediction had it: with it the outcome counts into the accuracy of the version'),
    id: idSchema.optional(),
    output: outputSchema,
    value: z
      .union([z.number(), z.boolean(), z.string()])
      .describe(
        'Of a probability: whether it happened, or the share from 0 to 1; of a value: the true one; of a distribution: the true label, ' +
          'or of labels that are numbers any number',
      ),
    occurred_at: occurredSchema,
  })
  .meta({ id: 'OutcomeOfReceipt' })

const outcomeOfIdSchema = z
  .object({
    id: idSchema,
    output: outputSchema,
    value: z
      .union([z.number(), z.boolean()])
      .describe('Of a probability: whether it happened, or the share from 0 to 1; of a value: the true one'),
    occurred_at: occurredSchema,
  })
  .meta({ id: 'OutcomeOfId' })

export const outcomeSchema = z.union([outcomeOfReceiptSchema, outcomeOfIdSchema]).meta({ id: 'Outcome' })

export const outcomesAnswerSchema = z
  .object({
    accepted: z.int().describe('Outcomes without an error'),
    matched: z.int().describe('Accepted ones whose event a canary was compared on; the others judge nothing'),
    counted: z.int().describe('Accepted ones with a receipt, counted into the accuracy of their version'),
    repeated: z.int().describe('Accepted ones with a receipt whose event had an outcome before, which stands'),
    uncounted: z
      .int()
      .describe('Accepted ones with a receipt whose statistics object did not answer: report them again'),
    rejected: z.array(itemErrorSchema),
    shards: z
      .object({ answered: z.int(), of: z.int() })
      .describe('Statistics objects that took the outcomes, of those asked; report again when some did not'),
  })
  .meta({ id: 'OutcomesAnswer' })

export type OutcomesAnswer = z.infer<typeof outcomesAnswerSchema>
