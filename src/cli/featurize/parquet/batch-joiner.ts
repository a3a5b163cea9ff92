/** Makes one batch of several, in memory that is used again for the next ones. */
import type { Batch, LabelColumn } from '../rows/batch.ts'
import { BufferPool } from '../rows/buffer-pool.ts'
import type { TextColumn } from '../rows/text-column.ts'

type Numbers = Float64Array | Int32Array | Uint8Array

export class BatchJoiner {
  private readonly pool = new BufferPool()
  private readonly taken: SharedArrayBuffer[] = []

  /** `batches`, one or more, as a single one, which lives until the next call. */
  join(batches: readonly Batch[]): Batch {
    for (const buffer of this.taken.splice(0)) this.pool.give(buffer)
    if (batches.length === 1) return batches[0]
    const rows = batches.map((batch) => batch.rows)
    const numbers = <T extends Numbers>(of: (batch: Batch) => T): T => this.joined(batches.map(of))
    const texts = (of: (batch: Batch) => TextColumn): TextColumn => this.joinedText(batches.map(of), rows)
    const [first] = batches
    return {
      rows: rows.reduce((sum, count) => sum + count, 0),
      ids: texts(({ ids }) => ids),
      epochMilliseconds: numbers((batch) => batch.epochMilliseconds),
      zipKeys: numbers((batch) => batch.zipKeys),
      numbers: first.numbers.map((_, index) => numbers((batch) => batch.numbers[index])),
      texts: first.texts.map((_, index) => texts((batch) => batch.texts[index])),
      labels: first.labels.map(
        (_, index): LabelColumn => ({
          kinds: numbers(({ labels }) => labels[index].kinds),
          numbers: numbers(({ labels }) => labels[index].numbers),
          text: texts(({ labels }) => labels[index].text),
        }),
      ),
    }
  }

  /** The parts one after the other; the only one as it is. */
  private joined<T extends Numbers>(parts: readonly T[]): T {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const [first] = parts
    const memory = this.pool.take(length * first.BYTES_PER_ELEMENT)
    this.taken.push(memory)
    const Column = first.constructor as new (memory: SharedArrayBuffer, from: number, length: number) => T
    const whole = new Column(memory, 0, length)
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }

  private joinedText(parts: readonly TextColumn[], rows: readonly number[]): TextColumn {
    const plain = this.joined(parts.map((part) => part.plain))
    if (parts.every(({ present }) => present === undefined)) return { plain, present: undefined }
    const present = parts.map((part, index) => part.present ?? new Uint8Array(rows[index]).fill(1))
    return { plain, present: this.joined(present) }
  }
}
