/** Event-owner objects that note how they are called. */
import type { EventOwnerShards } from '../../src/adapters/event-owners-client.ts'

export interface CountedShards extends EventOwnerShards {
  /** `claim owners-2` for each call. */
  readonly calls: string[]
}

export const countedShards = (real: EventOwnerShards): CountedShards => {
  const calls: string[] = []
  return {
    calls,
    getByName: (name) => {
      const object = real.getByName(name)
      const noted = (method: 'claim' | 'handOver' | 'seal' | 'sealed') => (value: never) => {
        calls.push(`${method} ${name}`)
        return object[method](value)
      }
      return { claim: noted('claim'), handOver: noted('handOver'), seal: noted('seal'), sealed: noted('sealed') }
    },
  }
}
