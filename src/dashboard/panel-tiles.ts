/** What the range comes to, in a few figures. */
import type { StatisticsSeries } from '../protocol/series.ts'
import { byId, say } from './elements.ts'
import { totalsOf } from './lines.ts'
import { countWords, shareWords } from './words.ts'

const UNKNOWN = 'not known'

export const showTiles = (series: StatisticsSeries): void => {
  const totals = totalsOf(series)
  // Of a range with gaps every count is too low.
  const least =
    totals.unknownPoints > 0 && series.counted_since !== null && series.counted_since < series.from ? 'at least ' : ''
  const tell = (id: string, text: string): void => say(byId(`tile-${id}`), text)
  tell('rate', totals.rate === null ? UNKNOWN : `${countWords(totals.rate)}/s`)
  tell('predictions', `${least}${countWords(totals.predictions)}`)
  tell('failed', `${least}${countWords(totals.failed)}`)
  tell('share', totals.errorShare === null ? 'no events' : shareWords(totals.errorShare))
  tell('letters', series.dead_letters === null ? UNKNOWN : countWords(series.dead_letters.waiting))
  tell('lost', countWords(totals.lost))
}
