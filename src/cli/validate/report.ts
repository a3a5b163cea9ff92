/** A validation as a report for people, and as JSON. */
import type { Check, Status } from './check.ts'

export interface Validation {
  /** What was validated, as the user named it. */
  readonly path: string
  /** `undefined` for a graph without a manifest. */
  readonly model: { readonly name: string; readonly version: string } | undefined
  readonly runtime: string
  readonly checks: readonly Check[]
}

const WORDS: Readonly<Record<Status, string>> = { passed: 'ok', failed: 'FAILED', warning: 'warning', skipped: '-' }
const STATUS_WIDTH = 9
const NAME_WIDTH = 11

export const isValid = ({ checks }: Validation): boolean => checks.every(({ status }) => status !== 'failed')

const lines = ({ name, status, message, details = [] }: Check): string[] => {
  const indent = ' '.repeat(2 + STATUS_WIDTH + NAME_WIDTH)
  return [
    `  ${WORDS[status].padEnd(STATUS_WIDTH)}${name.padEnd(NAME_WIDTH)}${message}`,
    ...details.map((detail) => `${indent}${detail}`),
  ]
}

const verdict = (validation: Validation): string => {
  const count = (status: Status): number => validation.checks.filter((check) => check.status === status).length
  const [failures, warnings, skips] = [count('failed'), count('warning'), count('skipped')]
  const rest = `${warnings} warnings, ${skips} skipped`
  return failures === 0
    ? `valid: ${count('passed')} checks passed, ${rest}`
    : `NOT VALID: ${failures} of ${validation.checks.length} checks failed, ${rest}`
}

export const reportText = (validation: Validation): string => {
  const { path, model, runtime, checks } = validation
  const title = model === undefined ? path : `${model.name} ${model.version} (${path})`
  return `${title}, by ${runtime}\n\n${checks.flatMap(lines).join('\n')}\n\n${verdict(validation)}\n`
}

export const reportJson = (validation: Validation): object => ({
  path: validation.path,
  ...(validation.model !== undefined && { model_name: validation.model.name, model_version: validation.model.version }),
  runtime: validation.runtime,
  valid: isValid(validation),
  checks: validation.checks,
})
