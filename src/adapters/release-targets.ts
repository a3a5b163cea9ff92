/** Where a controller brings its releases: every statistics shard, the watch, and the copy in KV. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import type { Release } from '../core/release/release.ts'
import { releaseKey } from '../protocol/store-keys.ts'
import type { ReleaseTarget, ReleaseTargets } from '../serving/ports/release-control.ts'
import { WATCH_NAME } from '../serving/ports/watch-duties.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'
import { shardName } from './ask-shards.ts'

/** A push that takes longer is tried again by the controller's alarm. */
const DELIVERY_MILLISECONDS = 1_000

/** What this needs of the statistics objects, and of the watch. */
export interface ReleaseReceivers {
  getByName(name: string): { setRelease(release: Release): Promise<unknown> }
}

export const releaseTargets = (
  namespace: ReleaseReceivers,
  shards: number,
  watches: ReleaseReceivers,
  copies: Pick<KVNamespace, 'put'>,
  clock: Clock,
  timers: Timers,
): ReleaseTargets => {
  const target = (name: string, bring: (release: Release) => Promise<unknown>): ReleaseTarget => ({
    name,
    deliver: async (release) => {
      const done = await within(bring(release), deadlineIn(clock, DELIVERY_MILLISECONDS), timers)
      if (done === TIMED_OUT) throw new Error(`${name} did not take the release of "${release.model}" in time`)
    },
  })
  return {
    shards: Array.from({ length: shards }, (_, shard) => {
      const name = shardName(shard)
      return target(name, (release) => namespace.getByName(name).setRelease(release))
    }),
    watch: target('watch', (release) => watches.getByName(WATCH_NAME).setRelease(release)),
    copy: target('copy', (release) => copies.put(releaseKey(release.model), JSON.stringify(release))),
  }
}
