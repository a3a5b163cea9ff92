/** Tracks page views and marked elements, and fills texts, without code: `<button data-nearcast="add_to_cart" data-nearcast-sku="A1">`. */
import { attempt } from './attempt.ts'
import { fieldsOf } from './element-fields.ts'
import { fillTexts } from './text.ts'
import type { Beacon } from './types.ts'

/** A form is what it says once it is sent; clicks in it are only clicks. */
const capture = (event: Event, track: Beacon['track']): void => {
  const [origin] = event.composedPath()
  const element = origin instanceof Element && origin.closest<HTMLElement>('[data-nearcast]')
  if (element && element instanceof HTMLFormElement === (event.type === 'submit'))
    track(element.dataset.nearcast ?? '', fieldsOf(element))
}

/** Calls `run` when the address has changed without a load. */
const watchNavigation = (run: () => void): void => {
  const { navigation } = window as { navigation?: EventTarget }
  if (navigation) {
    navigation.addEventListener('currententrychange', run)
    return
  }
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name]
    history[name] = function (...given) {
      original.apply(this, given)
      run()
    }
  }
  addEventListener('popstate', run)
}

type Calls = Pick<Beacon, 'track' | 'predict'>

const begin = ({ track, predict }: Calls, isCapturing: boolean): void => {
  let path: string | undefined
  const view = (): void => {
    attempt(() => fillTexts(predict))
    if (!isCapturing || path === location.pathname) return
    path = location.pathname
    track('page_view')
  }
  if (isCapturing) {
    for (const type of ['click', 'submit'])
      addEventListener(type, (event) => attempt(() => capture(event, track)), true)
  }
  // What the page shows there comes after the address.
  watchNavigation(() => setTimeout(view))
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) path = undefined
    view()
  })
  // A page that is made ready before anybody asks for it is no view.
  if ((document as { prerendering?: boolean }).prerendering) document.addEventListener('prerenderingchange', view)
  else view()
}

let isStarted = false

/** Starts once; without `isCapturing` only texts are filled. */
export const start = (calls: Calls, isCapturing = true): void => {
  if (!isStarted) attempt(() => begin(calls, isCapturing))
  isStarted = true
}
