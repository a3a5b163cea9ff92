/** Whether a version is small and fast enough to serve. */
import type { LoadedModel } from '../../serving/open-model.ts'
import { type Check, failed, passed } from './check.ts'
import { type NamedRow, rowsFor } from './named-rows.ts'

/**
 * An isolate has 128 MB, of which ORT takes 44; a session of trees takes five times its file (100 trees of depth 6: 0.4 MB and 1.8 MiB),
 * and three may be in memory at once: stable, canary, and one being loaded (measured 2026-11).
 */
export const DEFAULT_MAX_BYTES = 4 * 2 ** 20
/** A prediction has 100 ms, of which its zip may take 25; a single row takes 0.01 to 0.1 ms here (2026-11). */
export const DEFAULT_MAX_MILLISECONDS = 5

const WARM_UP = 20
const RUNS = 200

export const checkSize = (bytes: number, maximum: number): Check => {
  const message = `${bytes} bytes, of ${maximum} at most`
  const figures = { bytes, maximum_bytes: maximum }
  return bytes <= maximum ? passed('size', message, { figures }) : failed('size', message, { figures })
}

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)]

/** Times `RUNS` predictions of `row` alone, after warming up; the median decides, so that a busy machine does not. */
export const checkTime = async (
  model: LoadedModel,
  row: NamedRow,
  maximumMilliseconds: number,
  now: () => number = () => performance.now(),
): Promise<Check> => {
  const features = rowsFor(model.manifest, [row])
  for (let run = 0; run < WARM_UP; run++) await model.predictRows(features)
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const start = now()
    await model.predictRows(features)
    times.push(now() - start)
  }
  const middle = median(times.sort((a, b) => a - b))
  const message = `${middle.toFixed(3)} ms for one row, of ${maximumMilliseconds} at most (median of ${RUNS})`
  const figures = { milliseconds: middle, maximum_milliseconds: maximumMilliseconds }
  return middle <= maximumMilliseconds ? passed('time', message, { figures }) : failed('time', message, { figures })
}
