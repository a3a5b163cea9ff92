/** Figures as people read them. */

const LOCALE = 'en'

/** At most three significant digits, thousands shortened: 1234567 is 1.23M. */
export const countWords = (count: number): string =>
  new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumSignificantDigits: 3 }).format(count)

/** A count to the last digit. */
export const exactWords = (count: number): string => new Intl.NumberFormat(LOCALE).format(count)

/** A share in [0, 1] as per cent. */
export const shareWords = (share: number): string =>
  new Intl.NumberFormat(LOCALE, { style: 'percent', maximumSignificantDigits: 3 }).format(share)

/** Seconds, in the unit that fits. */
export const secondsWords = (seconds: number): string =>
  seconds < 1 ? `${countWords(seconds * 1_000)} ms` : `${countWords(seconds)} s`

/** A figure of any size, for axes and tables. */
export const figureWords = (figure: number): string =>
  new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 4 }).format(figure)

/** The time of day, in the reader's zone. Epoch milliseconds. */
export const timeWords = (at: number): string => new Date(at).toLocaleTimeString(LOCALE, { hourCycle: 'h23' })

/** A place on an axis whose places are `step` milliseconds apart. Epoch milliseconds. */
export const axisWords = (at: number, step: number): string => {
  const date = new Date(at)
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0
  if (step >= 86_400_000 || (isMidnight && step >= 600_000))
    return date.toLocaleDateString(LOCALE, { month: 'short', day: 'numeric' })
  const seconds = step < 60_000 ? ({ second: '2-digit' } as const) : {}
  return date.toLocaleTimeString(LOCALE, { hourCycle: 'h23', hour: '2-digit', minute: '2-digit', ...seconds })
}

/** Date and time, in the reader's zone. Epoch milliseconds. */
export const momentWords = (at: number): string =>
  new Date(at).toLocaleString(LOCALE, {
    hourCycle: 'h23',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })

/** A code of the wire as words: zip_unknown is zip unknown. */
export const codeWords = (code: string): string => code.replaceAll('_', ' ')
