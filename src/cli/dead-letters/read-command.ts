/** What the words and flags after `nearcast dead-letters` ask for. */
import { readFileSync } from 'node:fs'
import { FAILURE_CODES } from '../../core/failure.ts'
import {
  fixRuleSchema,
  LETTER_STAGES,
  LETTER_STATES,
  type LetterFilterBody,
  letterFilterSchema,
  type ReplayBody,
} from '../../protocol/dead-letters.ts'
import { UsageError } from '../command.ts'

/** For `parseArgs`. */
export const LETTER_FLAGS = {
  state: { type: 'string' },
  stage: { type: 'string' },
  code: { type: 'string' },
  model: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  all: { type: 'boolean', default: false },
  limit: { type: 'string' },
  fixes: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  again: { type: 'boolean', default: false },
  reason: { type: 'string' },
} as const

export interface LetterFlags {
  readonly state?: string | undefined
  readonly stage?: string | undefined
  readonly code?: string | undefined
  readonly model?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly all: boolean
  readonly limit?: string | undefined
  readonly fixes?: string | undefined
  readonly 'dry-run': boolean
  readonly again: boolean
  readonly reason?: string | undefined
}

/** Letters by their ids, or those that fit. */
export type Which = { readonly ids: readonly string[] } | { readonly filter: LetterFilterBody }

export type LetterAction =
  | { readonly kind: 'list'; readonly filter: LetterFilterBody; readonly limit: number }
  | { readonly kind: 'show'; readonly id: string }
  | {
      readonly kind: 'replay'
      readonly which: Which
      readonly fixes: NonNullable<ReplayBody['fixes']>
      readonly isDry: boolean
      readonly again: boolean
    }
  | { readonly kind: 'discard'; readonly which: Which; readonly reason: string }

const ACTIONS = ['list', 'show', 'replay', 'discard'] as const
/** Which flags go with which action. */
const TAKES: Readonly<Record<(typeof ACTIONS)[number], readonly (keyof LetterFlags)[]>> = {
  list: ['state', 'stage', 'code', 'model', 'from', 'to', 'limit'],
  show: [],
  replay: ['state', 'stage', 'code', 'model', 'from', 'to', 'all', 'fixes', 'dry-run', 'again'],
  discard: ['state', 'stage', 'code', 'model', 'from', 'to', 'all', 'reason'],
}

const choice = (flag: string, value: string | undefined, choices: readonly string[]): void => {
  if (value === undefined || choices.includes(value)) return
  throw new UsageError(`--${flag} ${value}: expected one of ${choices.join(', ')}`)
}

const timeOf = (flag: string, value: string | undefined): string | undefined => {
  if (value === undefined) return undefined
  const hasZone = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:?\d\d))?$/i.test(value)
  if (hasZone && !Number.isNaN(Date.parse(value))) return new Date(value).toISOString()
  throw new UsageError(
    `--${flag} ${value}: expected a day (2026-11-25, UTC) or a time with its zone (2026-11-25T13:00:00Z)`,
  )
}

const readFilter = (flags: LetterFlags): LetterFilterBody => {
  const { state, stage, code, model } = flags
  choice('state', state, LETTER_STATES)
  choice('stage', stage, LETTER_STAGES)
  choice('code', code, FAILURE_CODES)
  const given = { state, stage, code, model, from: timeOf('from', flags.from), to: timeOf('to', flags.to) }
  return letterFilterSchema.parse(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
}

const readWhich = (action: string, ids: readonly string[], flags: LetterFlags): Which => {
  const filter = readFilter(flags)
  const isFiltered = Object.keys(filter).length > 0
  if (ids.length > 0) {
    if (!isFiltered && !flags.all) return { ids }
    throw new UsageError(`${action} takes either ids or a filter`)
  }
  if (isFiltered || flags.all) return { filter }
  throw new UsageError(`${action} wants ids, a filter such as --code missing_time, or --all`)
}

/** The rules in `file`. Throws a UsageError that names rule, place and value. */
export const readFixes = (file: string): NonNullable<ReplayBody['fixes']> => {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!Array.isArray(json))
    throw new UsageError(
      `${file}: expected an array of rules, such as [{"op":"rename","from":"ts","to":"createdDateTime"}]`,
    )
  return json.map((rule: unknown, index) => {
    const parsed = fixRuleSchema.safeParse(rule)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    const place = issue?.path.join('.') ?? ''
    throw new UsageError(`${file}, rule ${index + 1}${place === '' ? '' : `, ${place}`}: ${issue?.message}`)
  })
}

const LIST_LIMIT = 50
const MAX_LIST = 500

const readLimit = (text: string | undefined): number => {
  if (text === undefined) return LIST_LIMIT
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_LIST) return Number(text)
  throw new UsageError(`--limit ${text}: expected a whole number from 1 to ${MAX_LIST}`)
}

/** Throws a UsageError for words and flags that do not fit. */
export const readLetterAction = ([word = 'list', ...words]: readonly string[], flags: LetterFlags): LetterAction => {
  const action = ACTIONS.find((name) => name === word)
  if (action === undefined) throw new UsageError(`unknown action "${word}"; it is one of ${ACTIONS.join(', ')}`)
  for (const name of Object.keys(LETTER_FLAGS) as (keyof LetterFlags)[]) {
    const isGiven = flags[name] !== undefined && flags[name] !== false
    if (isGiven && !TAKES[action].includes(name)) throw new UsageError(`--${name} does not go with ${action}`)
  }
  switch (action) {
    case 'list':
      if (words.length > 0) throw new UsageError(`list takes nothing more, not "${words.join(' ')}"`)
      return { kind: action, filter: readFilter(flags), limit: readLimit(flags.limit) }
    case 'show': {
      const [id] = words
      if (id === undefined || words.length > 1) throw new UsageError('show takes one ID')
      return { kind: action, id }
    }
    case 'replay': {
      const fixes = flags.fixes === undefined ? [] : readFixes(flags.fixes)
      const { 'dry-run': isDry, again } = flags
      return { kind: action, which: readWhich(action, words, flags), fixes, isDry, again }
    }
    case 'discard': {
      if (flags.reason === undefined || flags.reason.trim() === '') throw new UsageError('discard wants --reason TEXT')
      return { kind: action, which: readWhich(action, words, flags), reason: flags.reason }
    }
  }
}
