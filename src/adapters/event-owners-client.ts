/** The event-owner objects behind their namespace binding: an event, and a message, has its shard by a hash of its id. */
import type { Deadline } from '../core/clock.ts'
import { murmur3 } from '../core/hash/murmur3.ts'
import {
  MAX_OWNER_CLAIMS,
  OWNER_CALLS_FORMAT,
  type OwnerClaim,
  type OwnerClaims,
  type OwnerMessages,
  readOwnerReply,
} from '../protocol/owner-calls.ts'
import type { Claim, EventOwners } from '../serving/ports/event-owners.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** What this needs of an object; the class stays in its own room. */
export interface EventOwnerShard {
  claim(claims: OwnerClaims): Promise<unknown>
  handOver(claims: OwnerClaims): Promise<unknown>
  seal(messages: OwnerMessages): Promise<unknown>
  sealed(messages: OwnerMessages): Promise<unknown>
}

export interface EventOwnerShards {
  getByName(name: string): EventOwnerShard
}

/** There are as many as DEDUP_SHARDS says, numbered from 0. */
export const ownerShardName = (shard: number): string => `owners-${shard}`

const encoder = new TextEncoder()
const hashOf = (id: string): string => murmur3(encoder.encode(id))

/** What goes to one shard in one call, with its places in the answer. */
interface Part<T> {
  readonly shard: number
  readonly items: T[]
  readonly places: number[]
}

export const eventOwnersClient = (namespace: EventOwnerShards, shards: number, timers: Timers): EventOwners => {
  /** One call for each shard that is concerned, or more where it would be too large; they go out at once. */
  const ask = async <T>(
    items: readonly T[],
    hashOfItem: (item: T) => string,
    call: (object: EventOwnerShard, part: readonly T[]) => Promise<unknown>,
    deadline: Deadline,
  ): Promise<readonly boolean[]> => {
    const parts: Part<T>[] = []
    const open = new Map<number, Part<T>>()
    items.forEach((item, place) => {
      const shard = Number.parseInt(hashOfItem(item).slice(0, 8), 16) % shards
      let part = open.get(shard)
      if (part === undefined || part.items.length >= MAX_OWNER_CLAIMS) {
        part = { shard, items: [], places: [] }
        open.set(shard, part)
        parts.push(part)
      }
      part.items.push(item)
      part.places.push(place)
    })
    const answers = new Array<boolean>(items.length)
    const askOne = async (part: Part<T>): Promise<void> => {
      const name = ownerShardName(part.shard)
      const reply = await within(call(namespace.getByName(name), part.items), deadline, timers)
      if (reply === TIMED_OUT) throw new Error(`event owners ${name} did not answer in time`)
      const read = readOwnerReply(reply, part.items.length)
      part.places.forEach((place, index) => {
        answers[place] = read[index] === true
      })
    }
    await Promise.all(parts.map(askOne))
    return answers
  }

  const hashed = (claims: readonly Claim[]): readonly OwnerClaim[] =>
    claims.map(({ event, message, letter }) => ({ event: hashOf(event), message, letter }))
  const ofClaims = (claims: readonly OwnerClaim[]): OwnerClaims => ({ format: OWNER_CALLS_FORMAT, claims })
  const ofMessages = (messages: readonly string[]): OwnerMessages => ({ format: OWNER_CALLS_FORMAT, messages })
  const byEvent = ({ event }: OwnerClaim): string => event

  return {
    claim: (claims, deadline) => ask(hashed(claims), byEvent, (object, part) => object.claim(ofClaims(part)), deadline),
    async handOver(events, deadline) {
      await ask(hashed(events), byEvent, (object, part) => object.handOver(ofClaims(part)), deadline)
    },
    async seal(messages, deadline) {
      await ask(messages, hashOf, (object, part) => object.seal(ofMessages(part)), deadline)
    },
    sealed: (messages, deadline) => ask(messages, hashOf, (object, part) => object.sealed(ofMessages(part)), deadline),
  }
}
