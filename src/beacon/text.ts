/** Fills elements with predictions: `<b data-nearcast-text="late_probability" data-nearcast-zip-code="94107">…</b>`. */
import { fieldsOf } from './element-fields.ts'
import type { Beacon, Prediction } from './types.ts'

/** Nobody waits for it: the element has a text of its own until then. */
const TIMEOUT_MILLISECONDS = 2_000

const within = (outputs: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], outputs)

/** Elements that name the same fields share a prediction. Each is filled once. */
export const fillTexts = (predict: Beacon['predict']): void => {
  const asked = new Map<string, Promise<Prediction | undefined>>()
  for (const element of document.querySelectorAll<HTMLElement>('[data-nearcast-text]:not([data-nearcast-filled])')) {
    const { text = '', format, ...fields } = fieldsOf(element)
    const key = JSON.stringify(fields)
    const answer = asked.get(key) ?? predict(fields, { timeoutMilliseconds: TIMEOUT_MILLISECONDS })
    asked.set(key, answer)
    element.dataset.nearcastFilled = ''
    void answer.then((prediction) => {
      const value = within(prediction?.outputs, text)
      if (value === undefined) return
      element.textContent = format === 'percent' ? Number(value).toLocaleString([], { style: format }) : String(value)
    })
  }
}
