/**
 * Memory that is used again, and that threads share. Buffers that are transferred make the garbage collectors of both threads count megabytes,
 * and run for a third of the time; fresh pages cost more than what is written to them (Node 24, measured).
 */

const LEAST_BYTES = 4_096
/** More is left to the garbage collector. */
const MOST_KEPT_BYTES = 32 * 2 ** 20

/** The power of two at or above `bytes`. */
const sizeClass = (bytes: number): number => 2 ** Math.ceil(Math.log2(Math.max(LEAST_BYTES, bytes)))

export class BufferPool {
  private readonly kept = new Map<number, SharedArrayBuffer[]>()
  private keptBytes = 0

  /** At least `bytes` bytes, with whatever they held before. */
  take(bytes: number): SharedArrayBuffer {
    const size = sizeClass(bytes)
    const buffer = this.kept.get(size)?.pop()
    if (buffer === undefined) return new SharedArrayBuffer(size)
    this.keptBytes -= size
    return buffer
  }

  /** Nobody else uses `buffer`, which `take` gave, here or in another thread. */
  give(buffer: SharedArrayBuffer): void {
    const size = buffer.byteLength
    if (this.keptBytes + size > MOST_KEPT_BYTES) return
    this.keptBytes += size
    const same = this.kept.get(size)
    if (same === undefined) this.kept.set(size, [buffer])
    else same.push(buffer)
  }
}
