/** A signal of one's own that also aborts when a caller's does, without staying attached to it. */

export interface LinkedSignal {
  readonly signal: AbortSignal
  abort(): void
  /** Call it in the end, or the caller's signal keeps a listener for as long as it lives. */
  unlink(): void
}

export const linkedSignal = (outer: AbortSignal): LinkedSignal => {
  const controller = new AbortController()
  const pass = (): void => controller.abort(outer.reason)
  if (outer.aborted) pass()
  else outer.addEventListener('abort', pass, { once: true })
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    unlink: () => outer.removeEventListener('abort', pass),
  }
}
