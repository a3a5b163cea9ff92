/** What is wrong with some requests of a traffic, and how often. */

export interface FaultKind {
  readonly name: string
  /** The share of requests, where nothing else is asked for. */
  readonly share: number
  readonly description: string
}

export const FAULT_KINDS = [
  { name: 'bots', share: 0.03, description: 'the user agent is a bot’s' },
  { name: 'wrong-clocks', share: 0.02, description: 'the clock is minutes to days off, and sent_at shows it' },
  { name: 'past', share: 0.005, description: 'it happened days to months ago' },
  { name: 'future', share: 0.002, description: 'it happens hours to weeks from now' },
  { name: 'no-zip', share: 0.05, description: 'there is no zip' },
  { name: 'no-time', share: 0.005, description: 'there is no time; answered with 422' },
  { name: 'bad-json', share: 0.01, description: 'the body is cut off; answered with 400' },
] as const satisfies readonly FaultKind[]

export type FaultName = (typeof FAULT_KINDS)[number]['name']

export type FaultShares = Readonly<Record<FaultName, number>>

export const DEFAULT_SHARES = Object.fromEntries(FAULT_KINDS.map(({ name, share }) => [name, share])) as FaultShares

/** No fault at all, to set single ones. */
export const NO_FAULTS = Object.fromEntries(FAULT_KINDS.map(({ name }) => [name, 0])) as FaultShares
