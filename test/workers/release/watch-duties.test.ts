/** What the watch does when it is due, with the date in the test's hand. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemTimers } from '../../../src/adapters/system-clock.ts'
import { type Watches, watchClient } from '../../../src/adapters/watch-client.ts'
import { Watch } from '../../../src/durable/watch.ts'
import type { Duty } from '../../../src/serving/ports/watch-duties.ts'

const { WATCH } = env as unknown as { WATCH: DurableObjectNamespace<Watch> }
/** In years to come: workerd rings alarms by its own clock, and none may ring but when a test says so. */
const START = Date.UTC(2039, 0, 1)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

const watchWith = <T>(name: string, duties: readonly Duty[], use: (watch: Watch) => Promise<T>): Promise<T> =>
  runInDurableObject(WATCH.getByName(name), (_, state) =>
    use(new Watch(state as unknown as DurableObjectState, env, { look: async () => null, duties })),
  )

const counting = (everyMilliseconds: number, name = 'counting'): Duty => ({
  name,
  everyMilliseconds,
  run: async (notes) => notes.write(name, ((notes.read(name) as number | null) ?? 0) + 1),
})

const noteOf = (watch: Watch, name: string): unknown => JSON.parse(watch.note(name).note ?? 'null')

describe('the duties of the watch', () => {
  it('are done when each is due, and their notes outlive the object', async () => {
    const duties = [counting(10_000), counting(60_000, 'slower')]
    const name = crypto.randomUUID()
    await watchWith(name, duties, async (watch) => {
      await watch.wake()
      await watch.alarm()
      vi.setSystemTime(START + 9_999)
      await watch.alarm()
      expect([noteOf(watch, 'counting'), noteOf(watch, 'slower')]).toEqual([1, 1])
      vi.setSystemTime(START + 10_000)
      await watch.alarm()
      expect([noteOf(watch, 'counting'), noteOf(watch, 'slower')]).toEqual([2, 1])
    })
    await evictDurableObject(WATCH.getByName(name))
    await watchWith(name, duties, async (watch) => {
      await watch.alarm()
      expect([noteOf(watch, 'counting'), noteOf(watch, 'slower')]).toEqual([2, 1])
    })
  })

  it('have the next alarm set for the first that is due', async () => {
    await runInDurableObject(WATCH.getByName(crypto.randomUUID()), async (_, state) => {
      const parts = { look: async () => null, duties: [counting(10_000), counting(60_000, 'slower')] }
      const watch = new Watch(state as unknown as DurableObjectState, env, parts)
      await watch.wake()
      expect(await state.storage.getAlarm()).toBe(START)
      await watch.alarm()
      expect(await state.storage.getAlarm()).toBe(START + 10_000)
    })
  })

  it('that fail hold up no other, and are tried again when they are due again', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    let tries = 0
    const failing: Duty = {
      name: 'failing',
      everyMilliseconds: 10_000,
      run: () => {
        tries++
        return Promise.reject(new Error('the store is down'))
      },
    }
    await watchWith(crypto.randomUUID(), [failing, counting(10_000)], async (watch) => {
      await watch.alarm()
      await watch.alarm()
      vi.setSystemTime(START + 10_000)
      await watch.alarm()
      expect(noteOf(watch, 'counting')).toBe(2)
    })
    expect(tries).toBe(2)
    expect(error).toHaveBeenCalledWith(expect.stringContaining('"message":"failing failed: Error: the store is down"'))
    error.mockRestore()
  })

  it('that never end are not begun again, and hold up no alarm', async () => {
    let begun = 0
    const endless: Duty = {
      name: 'endless',
      everyMilliseconds: 10_000,
      run: () => {
        begun++
        return new Promise(() => undefined)
      },
    }
    await watchWith(crypto.randomUUID(), [endless, counting(10_000)], async (watch) => {
      await watch.alarm()
      vi.setSystemTime(START + 10_000)
      await watch.alarm()
      expect(noteOf(watch, 'counting')).toBe(2)
    })
    expect(begun).toBe(1)
  })

  it('are read through the binding', async () => {
    const client = watchClient(WATCH as unknown as Watches, systemTimers)
    expect(await client.note('nobody wrote this', { remainingMilliseconds: () => 5_000 })).toBeNull()
  })

  it('sleep in a watch that has none', async () => {
    const watch = WATCH.getByName(crypto.randomUUID())
    await runInDurableObject(watch, async (_, state) => {
      const idle = new Watch(state as unknown as DurableObjectState, env, { look: async () => null, duties: [] })
      await idle.wake()
      expect(await state.storage.getAlarm()).toBeNull()
    })
    expect(await runDurableObjectAlarm(watch)).toBe(false)
  })
})
