/** The beacon as a script tag has it: `window.nearcast`, started with the attributes of the tag; a second tag does nothing. */
import { attempt } from './attempt.ts'
import { counts, flush, init, predict, track } from './beacon.ts'
import type { Beacon } from './types.ts'

declare global {
  interface Window {
    nearcast?: Beacon
  }
}

attempt(() => {
  const { src, dataset } = document.currentScript as HTMLScriptElement
  const options: Record<string, unknown> = {
    endpoint: new URL(src).origin,
    autoUrl: src.replace(/\.js(?=\?|$)/, '-auto.js'),
  }
  // Numbers, true and false, and fields are JSON; an attribute without a value is true; the rest is text.
  for (const [name, value = ''] of Object.entries(dataset))
    options[name] = !value || (attempt(() => JSON.parse(value)) ?? value)
  if (window.nearcast?.init) return
  window.nearcast = { init, track, predict, flush, counts }
  if (!options.manual) init(options)
})
