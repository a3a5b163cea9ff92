/** One check of a version, and what became of it. */
import { UsageError } from '../command.ts'

export type Status = 'passed' | 'failed' | 'warning' | 'skipped'

export interface Check {
  readonly name: string
  readonly status: Status
  /** One sentence, with the numbers. */
  readonly message: string
  /** Further findings, one a line. */
  readonly details?: readonly string[]
  readonly figures?: Readonly<Record<string, number | string | boolean>>
}

type Extras = Pick<Check, 'details' | 'figures'>

const check =
  (status: Status) =>
  (name: string, message: string, extras: Extras = {}): Check => ({ name, status, message, ...extras })

export const passed = check('passed')
export const failed = check('failed')
export const warning = check('warning')
export const skipped = check('skipped')

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What `work` returns; a check that failed with what it threw. Bad input to the command is no finding: a UsageError passes through. */
export const attempt = async (name: string, work: () => Check | Promise<Check>): Promise<Check> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UsageError) throw error
    return failed(name, reasonOf(error))
  }
}

/** 1 output, 2 outputs. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
