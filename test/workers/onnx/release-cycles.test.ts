import { describe, expect, it } from 'vitest'
import { memoryModels } from '../../../src/adapters/memory-models.ts'
import { onnxRuntime, wasmMemoryBytes } from '../../../src/adapters/onnx-runtime.ts'
import { systemClock, systemTimers } from '../../../src/adapters/system-clock.ts'
import { deadlineIn } from '../../../src/core/clock.ts'
import { bundledRelease, type Release } from '../../../src/core/release/release.ts'
import { VersionKeeper } from '../../../src/serving/keep-versions.ts'
import { SessionRegistry } from '../../../src/serving/session-registry.ts'
import { HeldBackground } from '../../support/background.ts'
import { storedFeatures } from '../../support/onnx-fixtures.ts'
import { FIXTURES } from './fixtures.ts'

const { trees } = FIXTURES
const CYCLES = 500
const WARM_UP = 20

describe('an isolate that follows 500 releases', () => {
  it('holds no more WebAssembly memory than after 20, and only the versions a release names', async () => {
    const versions = Array.from({ length: CYCLES + WARM_UP + 1 }, (_, number) => `1.${number}.0`)
    const published = versions.map((version) => ({
      manifest: { ...trees.files.manifest, version },
      model: trees.files.model.buffer,
    }))
    const sessions = new SessionRegistry(memoryModels(published), onnxRuntime, systemClock, systemTimers)
    const keeper = new VersionKeeper(sessions, systemClock)
    const background = new HeldBackground()
    const hear = async (release: Release): Promise<void> => {
      keeper.keep(release, background.run)
      await background.settled()
    }
    /** A canary beside stable, then the switch to it while a prediction of the old version is under way. */
    const cycle = async (number: number): Promise<void> => {
      const [stable, next] = [`1.${number}.0`, `1.${number + 1}.0`]
      const release = { ...bundledRelease('trees', stable), revision: number }
      await hear({ ...release, canary: { version: next, share: 0.5, since: 0 } })
      const lease = await sessions.acquire('trees', stable, deadlineIn(systemClock, 10_000), background.run)
      const run = lease.model.loaded.predictRows(storedFeatures(trees.stored))
      await hear({ ...release, stable: next })
      expect((await run).length).toBeGreaterThan(0)
      lease.release()
      expect(sessions.inMemory('trees')).toEqual([next])
      await background.settled()
    }
    for (let number = 0; number < WARM_UP; number++) await cycle(number)
    const before = wasmMemoryBytes()
    for (let number = WARM_UP; number < WARM_UP + CYCLES; number++) await cycle(number)
    expect(wasmMemoryBytes()).toBe(before)
    expect(background.failures).toEqual([])
  })
})
