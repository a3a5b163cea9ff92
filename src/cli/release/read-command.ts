/** What the words after `nearcast release MODEL` ask for. */
import { UsageError } from '../command.ts'
import { parseDuration } from '../elasticsearch/duration.ts'

export interface ReleaseFlags {
  readonly 'expected-revision'?: string | undefined
  readonly reason?: string | undefined
  readonly for?: string | undefined
  readonly limit?: string | undefined
}

export type ReleaseAction =
  | { readonly kind: 'status' }
  | { readonly kind: 'history'; readonly limit: number }
  | { readonly kind: 'command'; readonly body: Readonly<Record<string, unknown>> }

const WANTS: Readonly<Record<string, readonly string[]>> = {
  status: [],
  history: [],
  canary: ['VERSION', 'SHARE'],
  shadow: ['VERSION'],
  promote: [],
  rollback: [],
  switch: ['VERSION'],
  hold: [],
  resume: [],
}

export const ACTIONS = Object.keys(WANTS)

const wholeNumber = (flag: string, text: string, least: number, most: number): number => {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= most) return number
  throw new UsageError(`--${flag} ${text}: expected a whole number from ${least} to ${most}`)
}

/** `0.05` or `5%`. */
const readShare = (text: string): number => {
  const number = /^\d*\.?\d+%?$/.test(text)
    ? Number(text.replace('%', '')) / (text.endsWith('%') ? 100 : 1)
    : Number.NaN
  if (number > 0 && number < 1) return number
  throw new UsageError(`share ${text}: expected more than 0 and less than 1, such as 0.05 or 5%`)
}

const argumentsOf = (action: string, words: readonly string[]): Readonly<Record<string, unknown>> => {
  const [version = '', share = ''] = words
  switch (action) {
    case 'canary':
      return { version, share: readShare(share) }
    case 'shadow':
      return { version: version === 'none' ? null : version }
    case 'switch':
      return { version }
    default:
      return {}
  }
}

/** Throws a UsageError for words and flags that do not fit. `now`: epoch milliseconds. */
export const readAction = (
  [action = 'status', ...words]: readonly string[],
  flags: ReleaseFlags,
  now: number,
): ReleaseAction => {
  const wants = Object.hasOwn(WANTS, action) ? WANTS[action] : undefined
  if (wants === undefined) throw new UsageError(`unknown action "${action}"; it is one of ${ACTIONS.join(', ')}`)
  if (words.length !== wants.length) {
    throw new UsageError(
      `${action} takes ${wants.length === 0 ? 'nothing more' : wants.join(' ')}, not "${words.join(' ')}"`,
    )
  }
  if (flags.for !== undefined && action !== 'hold') throw new UsageError('--for goes with hold')
  if (flags.limit !== undefined && action !== 'history') throw new UsageError('--limit goes with history')
  if (action === 'status') return { kind: 'status' }
  if (action === 'history') return { kind: 'history', limit: wholeNumber('limit', flags.limit ?? '20', 1, 200) }
  const { reason, 'expected-revision': revision, for: length } = flags
  return {
    kind: 'command',
    body: {
      command: action,
      ...argumentsOf(action, words),
      ...(length !== undefined && { until: new Date(now + parseDuration(length, '--for')).toISOString() }),
      ...(reason !== undefined && { reason }),
      ...(revision !== undefined && {
        expected_revision: wholeNumber('expected-revision', revision, 0, Number.MAX_SAFE_INTEGER),
      }),
    },
  }
}
