/** Starts work on several items at once and hands over the results in the order of the items. */

interface Failed {
  readonly error: unknown
}

type Event<T, R> = { readonly item: IteratorResult<T> } | { readonly result: R } | Failed

/**
 * The results of `start` for each of `items`, in order, at most `limit` of them under way. Rejects with the first failure in that order, of
 * an item or of its work, after the results before it; work that was begun by then goes on unheard, and whatever `items` waits for is the
 * caller's to end.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  limit: number,
  start: (item: T) => Promise<R>,
): AsyncGenerator<R, void> {
  const iterator = items[Symbol.asyncIterator]()
  const underWay: Promise<R>[] = []
  let next: Promise<IteratorResult<T>> | undefined = iterator.next()
  let failed: Failed | undefined
  // A rejection is for whoever awaits it in turn; until then it must not count as nobody's.
  const quiet = <P>(promise: Promise<P>): Promise<P> => {
    promise.catch(() => undefined)
    return promise
  }
  void quiet(next)
  try {
    while (next !== undefined || underWay.length > 0) {
      const [first] = underWay
      const events: Promise<Event<T, R>>[] = []
      if (first !== undefined) events.push(first.then((result) => ({ result })))
      if (next !== undefined && underWay.length < limit) {
        events.push(
          next.then(
            (item) => ({ item }),
            (error: unknown) => ({ error }),
          ),
        )
      }
      const event = await Promise.race(events)
      if ('result' in event) {
        void underWay.shift()
        yield event.result
      } else if ('error' in event) {
        failed = event
        next = undefined
      } else if (event.item.done === true) next = undefined
      else {
        underWay.push(quiet(start(event.item.value)))
        next = quiet(iterator.next())
      }
    }
    if (failed !== undefined) throw failed.error
  } finally {
    // Not awaited: it would wait for the item that is just being made.
    iterator.return?.().catch(() => undefined)
  }
}
