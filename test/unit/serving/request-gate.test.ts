import { describe, expect, it } from 'vitest'
import { type GateFault, RequestGate } from '../../../src/serving/request-gate.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const gateOf = (admits: (key: string) => Promise<boolean>) => {
  const clock = new ManualClock()
  const faults: GateFault[] = []
  const asked: string[] = []
  const limit = {
    requests: 2,
    periodSeconds: 10,
    admits: (key: string) => {
      asked.push(key)
      return admits(key)
    },
  }
  const circuit = { failures: 2, restMilliseconds: 5_000 }
  const gate = new RequestGate({ limit, clock, timers: clock, circuit, onFault: (fault) => faults.push(fault) })
  return { gate, clock, faults, asked }
}

describe('the gate of requests', () => {
  it('turns away whom the limit does not admit', async () => {
    const { gate, faults } = gateOf(async (key) => key === 'few')
    expect(await gate.isOver('few')).toBe(false)
    expect(await gate.isOver('many')).toBe(true)
    expect(faults).toEqual([])
  })

  it('lets pass, and tells, when the limit fails', async () => {
    const { gate, faults } = gateOf(() => Promise.reject(new Error('the limit is down')))
    expect(await gate.isOver('a')).toBe(false)
    expect(faults).toEqual(['error'])
  })

  it('lets pass after 25 ms when the limit hangs, and then asks no more for a while', async () => {
    const { gate, clock, faults, asked } = gateOf(() => new Promise(() => {}))
    for (let request = 0; request < 2; request++) {
      const over = gate.isOver('a')
      await clock.advance(25)
      expect(await over).toBe(false)
    }
    expect(await gate.isOver('a')).toBe(false)
    expect(faults).toEqual(['timeout', 'timeout', 'skipped'])
    expect(asked).toHaveLength(2)
    await clock.advance(5_000)
    const probe = gate.isOver('a')
    await clock.advance(25)
    expect(await probe).toBe(false)
    expect(asked).toHaveLength(3)
  })
})
