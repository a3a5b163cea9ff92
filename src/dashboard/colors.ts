/** The colours of charts, as the style of the page has them in the theme it is shown in. */

export interface Palette {
  readonly text: string
  readonly grid: string
  /** Colours come round again after eight. */
  line(index: number): string
}

const LINE_COLORS = 8

export const paletteOf = (element: Element): Palette => {
  const style = getComputedStyle(element)
  const colorOf = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return { text: colorOf('muted'), grid: colorOf('grid'), line: (index) => colorOf(`line-${index % LINE_COLORS}`) }
}
