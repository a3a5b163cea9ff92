/** Each field and output beside what the model was trained on. */
import { distributions } from './bars.ts'
import { byId, make } from './elements.ts'
import { type DriftedSeries, readDrift } from './read-drift.ts'
import { codeWords, figureWords, momentWords, shareWords } from './words.ts'

const sinceWords = (since: DriftedSeries['since']): string =>
  since === null ? '' : `, since ${momentWords(typeof since === 'number' ? since : Date.parse(since))}`

const factsOf = ({ verdict, causes, since, effect, adjustedP }: DriftedSeries): string => {
  const parts = [
    `${codeWords(verdict)}${causes.length > 0 ? ` (${causes.map(codeWords).join(', ')})` : ''}${sinceWords(since)}`,
    ...(effect === null
      ? []
      : [
          `${codeWords(effect.name)} ${figureWords(effect.value)}${effect.least === null ? '' : ` of at least ${figureWords(effect.least)}`}`,
        ]),
    ...(adjustedP === null ? [] : [`p ${figureWords(adjustedP)}`]),
  ]
  return parts.join('; ')
}

const wordsOf = (current: readonly number[], expected: readonly number[]): string => {
  const differences = current.map((share, bin) => Math.abs(share - (expected[bin] ?? 0)))
  const most = differences.indexOf(Math.max(...differences))
  return (
    `${current.length} bins; the greatest difference is in bin ${most + 1}: ` +
    `${shareWords(current[most] ?? 0)} now, ${shareWords(expected[most] ?? 0)} in the reference`
  )
}

const cardOf = (series: DriftedSeries): HTMLElement => {
  const { current, expected } = series
  const isDrifted = series.verdict === 'drifted'
  return make(
    'div',
    { class: 'card' },
    make('h3', {}, `${series.name} (${series.role}) ${series.where}`.trim()),
    make(
      'p',
      {},
      make('span', { class: isDrifted ? 'tag alarm' : 'tag' }, codeWords(series.verdict)),
      ` ${factsOf(series)}`,
    ),
    current === null || expected === null
      ? make('p', {}, 'Nothing to compare yet.')
      : distributions({ current, reference: expected, words: wordsOf(current, expected) }),
  )
}

let shown = ''

export const showDrift = (report: unknown): void => {
  const key = JSON.stringify(report)
  if (key === shown) return
  shown = key
  const series = readDrift(report)
  const drifted = series.filter(({ verdict }) => verdict === 'drifted').length
  const legend = make(
    'p',
    {},
    `${drifted} of ${series.length} fields and outputs have drifted. `,
    make('span', { class: 'key current' }),
    'now ',
    make('span', { class: 'key reference' }),
    'reference',
  )
  const box = byId('drift')
  if (series.length === 0) box.replaceChildren(make('p', {}, 'The drift report names no field and no output yet.'))
  else box.replaceChildren(legend, make('div', { class: 'cards' }, ...series.map(cardOf)))
}
