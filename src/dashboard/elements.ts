/** Makes and finds elements. Foreign text only ever becomes text. */

type Child = Node | string | null

/** An element with attributes and children; `null` children are left out. */
export const make = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  for (const child of children) if (child !== null) element.append(child)
  return element
}

const SVG = 'http://www.w3.org/2000/svg'

export const draw = (
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly Child[]
): SVGElement => {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  for (const child of children) if (child !== null) element.append(child)
  return element
}

/** The element of the page with this id, which the page is made with. */
export const byId = <T extends HTMLElement>(id: string): T => {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element as T
}

/** Writes `text` only when it is another one, so that nothing is said twice. */
export const say = (element: HTMLElement, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

export interface TableRow {
  readonly head: string
  readonly cells: readonly string[]
}

/** A table that scrolls within itself; it can be focused, so that the keyboard scrolls it. */
export const table = (caption: string, columns: readonly string[], rows: readonly TableRow[]): HTMLElement =>
  make(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    make(
      'table',
      {},
      make('caption', {}, caption),
      make('thead', {}, make('tr', {}, ...columns.map((column) => make('th', { scope: 'col' }, column)))),
      make(
        'tbody',
        {},
        ...rows.map(({ head, cells }) =>
          make('tr', {}, make('th', { scope: 'row' }, head), ...cells.map((cell) => make('td', {}, cell))),
        ),
      ),
    ),
  )
