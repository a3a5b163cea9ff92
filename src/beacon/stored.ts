/** The events of this page in localStorage, so that they outlive it: a key for each page, and a rule for when another may take over. */
import { attempt } from './attempt.ts'
import { NAME, randomHex } from './identity.ts'

/** A page that says nothing for so long is gone; one that was left says 0, which was long ago. */
const GONE_MILLISECONDS = 600_000

/**
 * Under its key a page keeps lines: when it was last seen, then an event a line. Whoever takes events over leaves the first line alone behind,
 * so that their page, should it live, does not send them too.
 */
let key = ''
/** What stands there. */
let written: readonly string[] = []

/** Whether the lines are safe. */
export const save = (lines: readonly string[], isLeft: boolean): boolean => {
  written = []
  attempt(() => {
    key ||= NAME + randomHex(8)
    // What stood there is out of date, should the next not succeed.
    delete localStorage[key]
    if (lines.length) localStorage[key] = [isLeft ? 0 : Date.now(), ...lines].join('\n')
    written = lines
  })
  return written === lines
}

/** What of it another page has taken over. Where the key is gone the page has cleared it: those events are still ours. */
export const takenOver = (): readonly string[] =>
  attempt(() => localStorage[key].includes('\n')) === false ? written : []

/** Takes over what pages that are gone have left; of a visitor who is not to be followed, everything is only removed. */
export const takeOver = (isForgotten?: boolean): string[] => {
  const found: string[] = []
  attempt(() => {
    if (isForgotten) delete sessionStorage[NAME]
    for (const name in localStorage) {
      if (!name.startsWith(NAME) || name === key) continue
      const [seenAt, ...lines]: string[] = localStorage[name].split('\n')
      if (!isForgotten && Date.now() - +(seenAt as string) < GONE_MILLISECONDS) continue
      if (!isForgotten && lines.length) localStorage[name] = Date.now()
      else delete localStorage[name]
      found.push(...lines.filter((line) => attempt(() => JSON.parse(line))))
    }
  })
  return found
}
