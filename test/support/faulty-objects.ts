/** A bucket of events that breaks off, or lets somebody else go first, at a given call, around one that works. */
import type { EventObjects } from '../../src/serving/ports/event-objects.ts'
import type { EventOwners } from '../../src/serving/ports/event-owners.ts'
import type { TaggedObjects } from '../../src/serving/ports/tagged-objects.ts'

/** Thrown in place of a call, and of all that follow: the isolate is gone. */
export class Killed extends Error {
  override readonly name = 'Killed'
}

/** What happens around every call that changes or reads something. */
export interface Around {
  before?(name: string): Promise<void>
  after?(name: string): Promise<void>
}

const around = async <T>({ before, after }: Around, name: string, call: () => Promise<T>): Promise<T> => {
  await before?.(name)
  const result = await call()
  await after?.(name)
  return result
}

export const objectsAround = (real: EventObjects, own: Around): EventObjects => ({
  put: (...call) => around(own, `put ${call[0]}`, () => real.put(...call)),
  get: (...call) => around(own, `get ${call[0]}`, () => real.get(...call)),
  list: (...call) => around(own, `list ${call[0]}`, () => real.list(...call)),
  delete: (...call) => around(own, `delete ${call[0].length}`, () => real.delete(...call)),
})

export const journalsAround = (real: TaggedObjects, own: Around): TaggedObjects => ({
  read: (...call) => around(own, `read ${call[0]}`, () => real.read(...call)),
  write: (...call) => around(own, `write ${call[0]}`, () => real.write(...call)),
})

export const ownersAround = (real: EventOwners, own: Around): EventOwners => ({
  claim: (...call) => around(own, 'claim', () => real.claim(...call)),
  handOver: (...call) => around(own, 'handOver', () => real.handOver(...call)),
  seal: (...call) => around(own, 'seal', () => real.seal(...call)),
  sealed: (...call) => around(own, 'sealed', () => real.sealed(...call)),
})

/** Gone from call number `last` on, counted from 0: before it is made, or after it, when its answer is lost. */
export const killedAt = (last: number, when: 'before' | 'after'): Around & { calls: number } => {
  const die = (): never => {
    throw new Killed(`gone ${when} call ${last}`)
  }
  const own = {
    calls: 0,
    before: async (): Promise<void> => {
      const number = own.calls++
      if (number > last || (number === last && when === 'before')) die()
    },
    after: async (): Promise<void> => {
      if (own.calls - 1 >= last && when === 'after') die()
    },
  }
  return own
}
