/** Query parameters that are more than text. */
import { z } from 'zod'

/** A whole number in decimal digits, from `least` (0 or more) to `greatest` (below 10^15). */
export const wholeNumber = (least: number, greatest: number) =>
  z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= greatest, {
      message: `must be a whole number from ${least} to ${greatest}`,
    })
    .transform(Number)
    .meta({ override: { type: 'integer', minimum: least, maximum: greatest } })
