import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readAhead } from '../../../src/cli/elasticsearch/read-ahead.ts'

describe('reading ahead', () => {
  it('gives everything in order, with so many sequences open at once', async () => {
    let open = 0
    let most = 0
    async function* sequence(number: number): AsyncGenerator<string, void> {
      most = Math.max(most, ++open)
      for (let item = 0; item < number % 4; item++) {
        await pause((7 * number) % 5)
        yield `${number}.${item}`
      }
      open--
    }
    const wanted = Array.from({ length: 20 }, (_, number) =>
      Array.from({ length: number % 4 }, (_, item) => `${number}.${item}`),
    )
    let next = 0
    const items: string[] = []
    for await (const item of readAhead(() => (next < 20 ? sequence(next++) : undefined), 3)) items.push(item)
    expect(items).toEqual(wanted.flat())
    expect(most).toBe(3)
  })

  it('fails where a sequence does, after all that goes before it', async () => {
    async function* failing(): AsyncGenerator<number, void> {
      yield 2
      throw new Error('lost')
    }
    async function* sound(): AsyncGenerator<number, void> {
      await pause(5)
      yield 1
    }
    const sequences = [sound(), failing(), failing()]
    const items: number[] = []
    const reading = (async () => {
      for await (const item of readAhead(() => sequences.shift(), 3)) items.push(item)
    })()
    await expect(reading).rejects.toThrow('lost')
    expect(items).toEqual([1, 2])
  })
})
