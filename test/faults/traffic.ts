/** The events of a row: those of the bench, under keys by which they are counted wherever they end. */
import { ROOT } from '../../bench/root.ts'
import { makeTraffic, type SeedEntry } from '../../bench/traffic.ts'

/** Where in an event its key stands. */
export const KEY_FIELD = 'fault_key'

export interface FaultEvent {
  readonly key: string
  /** The one it is made of, and so what is right to answer, by its number; `null`: it has no time, so it cannot be read. */
  readonly base: number | null
  readonly value: object
}

const BASE_EVENTS = 600
/** One in so many has no id, so that its content is its identity. */
const WITHOUT_ID = 5
/** One in so many has no time. */
const WITHOUT_TIME = 50

const { events, packs } = makeTraffic(ROOT)

/** The events that all others are made of, as JSON texts. */
export const BASE: readonly string[] = events.slice(0, BASE_EVENTS)

/** What the zip store holds. */
export const PACKS: readonly SeedEntry[] = packs

interface Source {
  readonly createdDateTime: number
  readonly zipCode: string
  readonly session_id: string
}

const sourceOf = (text: string): Source => {
  const event = JSON.parse(text) as Source & { readonly _source?: Source }
  return event._source ?? event
}

const SOURCES = BASE.map(sourceOf)

/** Of the event number `base`, epoch milliseconds. */
export const statedTime = (base: number): number => SOURCES[base].createdDateTime

export type Change = (source: Source, index: number) => object

const unchanged: Change = (source) => source

/** `count` events from number `first` on, the same ones each time; `change` makes other records of those that can be read. */
export const faultEvents = (row: string, first: number, count: number, change = unchanged): readonly FaultEvent[] =>
  Array.from({ length: count }, (_, place): FaultEvent => {
    const index = first + place
    const key = `${row}-${index}`
    const base = index % BASE_EVENTS
    const { createdDateTime, ...rest } = SOURCES[base]
    if (index % WITHOUT_TIME === WITHOUT_TIME - 1) return { key, base: null, value: { ...rest, [KEY_FIELD]: key } }
    const record = { ...change({ createdDateTime, ...rest }, index), [KEY_FIELD]: key }
    if (index % WITHOUT_ID === 0) return { key, base, value: record }
    return { key, base, value: { _index: 'sessions', _id: key, _source: record } }
  })
