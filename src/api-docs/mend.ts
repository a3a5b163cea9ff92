/** Mends what Swagger UI 5.35 draws, where no component of its own can be put in its place. */

/** What is wrong, and what makes it right. Each is done once to an element. */
const MENDS: readonly (readonly [selector: string, mend: (element: Element) => void])[] = [
  // Many regions of one name, or of none, are no landmarks.
  ['table.responses-table[role=region]', (table) => table.removeAttribute('role')],
  [
    '.information-container:not([role])',
    (about) => {
      about.setAttribute('role', 'region')
      about.setAttribute('aria-label', 'About')
    },
  ],
  // What scrolls must scroll by keyboard too.
  ['pre.microlight:not([tabindex])', (box) => box.setAttribute('tabindex', '0')],
  [
    'tr[data-param-name] :is(select, input, textarea):not([aria-label])',
    (field) => field.setAttribute('aria-label', field.closest('tr')?.dataset.paramName ?? ''),
  ],
  [
    '.opblock-section-request-body textarea:not([aria-label])',
    (field) => field.setAttribute('aria-label', 'Request body'),
  ],
  ['select:not([aria-label], [aria-labelledby], [id])', (list) => list.setAttribute('aria-label', 'Choice')],
]

/** Mends what is drawn in `root`, before it is shown. */
export const keepMended = (root: Element): void => {
  let isDue = false
  const mend = (): void => {
    isDue = false
    for (const [selector, make] of MENDS) for (const element of root.querySelectorAll(selector)) make(element)
  }
  new MutationObserver(() => {
    if (!isDue) requestAnimationFrame(mend)
    isDue = true
  }).observe(root, { childList: true, subtree: true })
}
