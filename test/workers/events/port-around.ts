/** Any port with something around each of its calls, around one that works. */
import type { Decorators } from '../../../src/services.ts'
import type { Around } from '../../support/faulty-objects.ts'

/** Calls are named by their method. */
export const portAround = <T extends object>(real: T, own: Around): T =>
  new Proxy(real, {
    get(target, method) {
      const value: unknown = Reflect.get(target, method)
      if (typeof value !== 'function') return value
      return async (...call: unknown[]): Promise<unknown> => {
        await own.before?.(String(method))
        const result: unknown = await Reflect.apply(value, target, call)
        await own.after?.(String(method))
        return result
      }
    },
  })

/** All that the consumer of the queue writes through, with the same around all of it. */
export const consumerPorts = (own: Around): Decorators => ({
  events: (real) => portAround(real, own),
  owners: (real) => portAround(real, own),
  letters: (real) => portAround(real, own),
  messageStatistics: (real) => portAround(real, own),
})
