import { describe, expect, it } from 'vitest'
import { readProfile } from '../../../bench/startup-cpu.ts'
import { quantileOf, roundedSpread, spreadOf } from '../../../bench/summary.ts'

describe('a quantile', () => {
  it('is the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(quantileOf(hundred, 0.5)).toBe(50)
    expect(quantileOf(hundred, 0.99)).toBe(99)
    expect(quantileOf([7], 0.99)).toBe(7)
    expect(quantileOf([], 0.5)).toBeNaN()
  })
})

describe('a spread', () => {
  it('is the median, the least and the greatest', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, greatest: 3 })
    expect(spreadOf([10, 1, 2, 3])).toEqual({ median: 2.5, least: 1, greatest: 10 })
    expect(roundedSpread([1.26, 1.24], 1)).toEqual({ median: 1.3, least: 1.2, greatest: 1.3 })
  })
})

describe('a start-up profile', () => {
  it('counts what is not idle, and WebAssembly apart', () => {
    const frame = (id: number, functionName: string, url = '') => ({ id, callFrame: { functionName, url } })
    const nodes = [frame(1, '(idle)'), frame(2, 'parse', 'index.js'), frame(3, 'wasm-function[3]', 'wasm://wasm/1')]
    const profile = { nodes, samples: [1, 2, 3, 3], timeDeltas: [50_000, 20_000, 30_000, 40_000] }
    expect(readProfile(profile)).toEqual({ activeMilliseconds: 90, wasmMilliseconds: 70 })
  })
})
