/** The changes of releases in the range: marks for the charts, and a list. */
import type { ReleaseMark, StatisticsSeries } from '../protocol/series.ts'
import type { Mark } from './chart-layers.ts'
import { byId, make } from './elements.ts'
import { momentWords, shareWords } from './words.ts'

const changeWords = ({ command, stable, canary, shadow }: ReleaseMark): string => {
  switch (command) {
    case 'canary':
      return canary === null ? 'canary' : `canary ${canary.version}, ${shareWords(canary.share)} of the units`
    case 'shadow':
      return shadow === null ? 'shadow ends' : `shadow ${shadow}`
    case 'rollback':
      return `rolled back to ${stable}`
    case 'promote':
    case 'switch':
      return `${stable} is stable`
    default:
      return command
  }
}

/** In the little place there is beside a mark. */
const shortWords = ({ command, stable, canary, shadow }: ReleaseMark): string => {
  switch (command) {
    case 'canary':
      return `canary ${canary?.version ?? ''}`
    case 'shadow':
      return shadow === null ? 'no shadow' : `shadow ${shadow}`
    case 'rollback':
    case 'promote':
    case 'switch':
      return `${command} ${stable}`
    default:
      return command
  }
}

export const marksOf = ({ releases }: StatisticsSeries): readonly Mark[] =>
  (releases ?? []).map((mark) => ({ at: mark.at, label: shortWords(mark) }))

let shown = ''

export const showReleases = ({ releases }: StatisticsSeries): void => {
  const key = JSON.stringify(releases)
  if (key === shown) return
  shown = key
  const box = byId('releases')
  if (releases === null) box.replaceChildren(make('p', {}, 'The controllers of the releases do not answer.'))
  else if (releases.length === 0) box.replaceChildren(make('p', {}, 'No release was changed in this range.'))
  else {
    const items = releases.toReversed().map((mark) => {
      const by = mark.by === 'rule' ? `by the rule ${mark.rule ?? ''}` : 'by an operator'
      return make(
        'li',
        {},
        make('time', { datetime: new Date(mark.at).toISOString() }, momentWords(mark.at)),
        ` ${mark.model_name}: ${changeWords(mark)}, ${by}`,
      )
    })
    box.replaceChildren(make('ol', { class: 'events', reversed: '' }, ...items))
  }
}
