/** Reads several sequences at once and gives their items in order, as if they were read one after the other. */

interface Lane<T> {
  readonly items: AsyncIterator<T, void>
  /** The item that is being fetched or waits to be taken. */
  next: Promise<IteratorResult<T, void>>
}

const advance = <T>(items: AsyncIterator<T, void>): Promise<IteratorResult<T, void>> => {
  const next = items.next()
  // It is awaited later, maybe after another has failed first.
  next.catch(() => undefined)
  return next
}

/**
 * The items of all `sequences`, in order. `width` of them are open at a time, each one item ahead; what waits is bounded by that. `open` gives
 * the next sequence, `undefined` when there is none left. Whoever stops early or meets an error must abort what the sequences wait for.
 */
export async function* readAhead<T>(
  open: () => AsyncIterator<T, void> | undefined,
  width: number,
): AsyncGenerator<T, void> {
  const lanes: Lane<T>[] = []
  const fill = (): void => {
    while (lanes.length < width) {
      const items = open()
      if (items === undefined) return
      lanes.push({ items, next: advance(items) })
    }
  }
  for (fill(); lanes.length > 0; fill()) {
    const lane = lanes[0] as Lane<T>
    const result = await lane.next
    if (result.done === true) lanes.shift()
    else {
      lane.next = advance(lane.items)
      yield result.value
    }
  }
}
