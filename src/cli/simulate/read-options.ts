/** What `nearcast simulate` was asked for. */
import { DEFAULT_SHARES, FAULT_KINDS, type FaultName, type FaultShares } from '../../training/traffic/fault-kinds.ts'
import { UsageError } from '../command.ts'
import { readCount, readNumber } from '../read-number.ts'
import { readUrl } from '../release/deployment.ts'

export interface OrdersOptions {
  readonly kind: 'orders'
  readonly zips: string
  readonly seed: number
  readonly count: number
  readonly from: number
  readonly to: number
  readonly output: string
  readonly outcomes: string | undefined
}

export interface TrafficOptions {
  readonly kind: 'traffic'
  readonly zips: string
  readonly seed: number
  readonly url: URL
  readonly model: string | undefined
  readonly rate: number
  readonly seconds: number
  readonly speed: number
  /** What the visitors' clocks show when it begins; `undefined`: so that the last event is of the present. */
  readonly startsAt: number | undefined
  readonly shares: FaultShares
  readonly inFlight: number
  readonly deadlineMilliseconds: number
  /** The variable that holds the token with which outcomes are reported; `undefined`: they are not. */
  readonly outcomesTokenName: string | undefined
}

export const DEFAULTS = {
  seed: '1',
  from: '2025-01-01',
  to: '2026-01-01',
  rate: '50',
  seconds: '60',
  speed: '1',
  'in-flight': '64',
  deadline: '5',
} as const

const SHARE_FLAGS = Object.fromEntries(FAULT_KINDS.map(({ name }) => [name, { type: 'string' }])) as Record<
  FaultName,
  { type: 'string' }
>

/** For `parseArgs`; what has a default is not given one here, to tell what was asked for. */
export const SIMULATE_FLAGS = {
  orders: { type: 'string' },
  output: { type: 'string' },
  outcomes: { type: 'string' },
  to: { type: 'string' },
  url: { type: 'string' },
  model: { type: 'string' },
  rate: { type: 'string' },
  seconds: { type: 'string' },
  speed: { type: 'string' },
  'in-flight': { type: 'string' },
  deadline: { type: 'string' },
  'report-outcomes': { type: 'boolean' },
  'outcomes-token-env': { type: 'string' },
  ...SHARE_FLAGS,
  seed: { type: 'string' },
  from: { type: 'string' },
  zips: { type: 'string', default: 'kv-seed' },
} as const

type Flags = { readonly [name in keyof typeof SIMULATE_FLAGS]?: string | boolean | undefined }

const ORDERS_ONLY = ['output', 'outcomes', 'to'] as const
const COMMON: readonly string[] = ['zips', 'seed', 'from']
const MOST_SEED = 2 ** 32 - 1
const DEFAULT_TOKEN = 'WRITE_TOKEN'

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/

const readInstant = (flag: string, text: string): number => {
  const instant = ISO.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(instant)) return instant
  throw new UsageError(`--${flag} ${text}: expected a date, or a time with its zone: 2026-11-25, 2026-11-25T13:00:00Z`)
}

const stringOf = (flags: Flags, name: keyof typeof DEFAULTS): string => {
  const given = flags[name]
  return typeof given === 'string' ? given : DEFAULTS[name]
}

const optional = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

/** What is given and belongs to the other kind of run. */
const requireNone = (flags: Flags, names: readonly string[], kind: string): void => {
  const given = names.find((name) => flags[name as keyof Flags] !== undefined)
  if (given !== undefined) throw new UsageError(`--${given} goes with ${kind}`)
}

const readShares = (flags: Flags): FaultShares => {
  const shares = Object.fromEntries(
    FAULT_KINDS.map(({ name }) => {
      const given = flags[name]
      return [name, typeof given === 'string' ? readNumber(name, given, 0, 1) : DEFAULT_SHARES[name]]
    }),
  ) as FaultShares
  const { bots: _, ...faults } = shares
  const sum = Object.values(faults).reduce((total, share) => total + share, 0)
  // Many small shares may add up to a little more than 1 by rounding.
  if (sum > 1 + 1e-9)
    throw new UsageError(`the shares of what is wrong add up to ${sum}; an event has one fault at most`)
  return shares
}

/** Throws a UsageError for what is missing, wrong, or does not go together. */
export const readSimulateOptions = (flags: Flags): OrdersOptions | TrafficOptions => {
  const common = {
    zips: optional(flags.zips) ?? 'kv-seed',
    seed: readCount('seed', stringOf(flags, 'seed'), 0, MOST_SEED),
  }
  if ((flags.orders === undefined) === (flags.url === undefined))
    throw new UsageError(
      'give --orders N to write orders, or --url URL to send traffic; nearcast simulate --help tells more',
    )
  if (typeof flags.orders === 'string') {
    const others = Object.keys(SIMULATE_FLAGS).filter(
      (name) => name !== 'orders' && !COMMON.includes(name) && !ORDERS_ONLY.some((own) => own === name),
    )
    requireNone(flags, others, '--url')
    const output = optional(flags.output)
    if (output === undefined) throw new UsageError('--output FILE: name where the orders go')
    const outcomes = optional(flags.outcomes)
    if (outcomes === output) throw new UsageError('--outcomes and --output are the same file')
    const from = readInstant('from', stringOf(flags, 'from'))
    const to = readInstant('to', stringOf(flags, 'to'))
    if (!(to > from)) throw new UsageError('--to must be later than --from')
    return {
      kind: 'orders',
      ...common,
      count: readCount('orders', flags.orders, 1, 2_000_000),
      from,
      to,
      output,
      outcomes,
    }
  }
  requireNone(flags, ORDERS_ONLY, '--orders')
  const named = optional(flags['outcomes-token-env'])
  return {
    kind: 'traffic',
    ...common,
    url: readUrl(optional(flags.url) ?? ''),
    model: optional(flags.model),
    rate: readNumber('rate', stringOf(flags, 'rate'), 0.01, 10_000),
    seconds: readNumber('seconds', stringOf(flags, 'seconds'), 0.1, 604_800),
    speed: readNumber('speed', stringOf(flags, 'speed'), 0.001, 1_000_000),
    startsAt: flags.from === undefined ? undefined : readInstant('from', stringOf(flags, 'from')),
    shares: readShares(flags),
    inFlight: readCount('in-flight', stringOf(flags, 'in-flight'), 1, 1_000),
    deadlineMilliseconds: readNumber('deadline', stringOf(flags, 'deadline'), 0.01, 600) * 1_000,
    outcomesTokenName: named ?? (flags['report-outcomes'] === true ? DEFAULT_TOKEN : undefined),
  }
}
