/** Memory that is used again: fresh pages cost more than what is written to them, and the garbage collector sees large buffers late. */

const LEAST_BYTES = 4_096
/** More is left to the garbage collector. */
const MOST_KEPT_BYTES = 16 * 2 ** 20

/** The power of two at or above `bytes`. */
const sizeClass = (bytes: number): number => 2 ** Math.ceil(Math.log2(Math.max(LEAST_BYTES, bytes)))

export class BufferPool {
  private readonly kept = new Map<number, ArrayBuffer[]>()
  private keptBytes = 0

  /** At least `bytes` bytes, with whatever they held before. */
  take(bytes: number): ArrayBuffer {
    const size = sizeClass(bytes)
    const buffer = this.kept.get(size)?.pop()
    if (buffer === undefined) return new ArrayBuffer(size)
    this.keptBytes -= size
    return buffer
  }

  /** Nobody else uses `buffer` any more. What is not of a size that `take` gives is let go. */
  give(buffer: ArrayBuffer): void {
    const size = buffer.byteLength
    if (size < LEAST_BYTES || size !== sizeClass(size) || this.keptBytes + size > MOST_KEPT_BYTES) return
    this.keptBytes += size
    const same = this.kept.get(size)
    if (same === undefined) this.kept.set(size, [buffer])
    else same.push(buffer)
  }
}
