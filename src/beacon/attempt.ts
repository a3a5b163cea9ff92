/** Keeps whatever goes wrong here away from the page. */

/** What `run` answers; `undefined` where it throws. */
export const attempt = <Answer>(run: () => Answer): Answer | undefined => {
  try {
    return run()
  } catch {
    return undefined
  }
}
