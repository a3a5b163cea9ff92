/** Each field and output beside what the model was trained on. */
import type { Drift, DriftSeriesAnswer } from '../protocol/drift.ts'
import { distributions } from './bars.ts'
import { byId, make } from './elements.ts'
import { badgeOf, synthetic } from './evidence.ts'
import { isDrift, type ShownSeries, shownSeries } from './read-drift.ts'
import { codeWords, figureWords, momentWords, shareWords } from './words.ts'

const factsOf = ({ verdict, status, causes, since, shift }: DriftSeriesAnswer): string => {
  const drifted = status === 'drifted' && since !== null ? `drifted since ${momentWords(since)}; ` : ''
  const found = `this window: ${codeWords(verdict)}${causes.length > 0 ? ` (${causes.map(codeWords).join(', ')})` : ''}`
  if (shift === null) return `${drifted}${found}`
  const { name, value, least } = shift.effect
  const effect = `${codeWords(name)} ${figureWords(value)} of at least ${figureWords(least)}`
  return `${drifted}${found}; ${effect}; p ${figureWords(shift.adjusted_p)}`
}

const wordsOf = (current: readonly number[], expected: readonly number[]): string => {
  const differences = current.map((share, bin) => Math.abs(share - (expected[bin] ?? 0)))
  const most = differences.indexOf(Math.max(...differences))
  return (
    `${current.length} bins; the greatest difference is in bin ${most + 1}: ` +
    `${shareWords(current[most] ?? 0)} now, ${shareWords(expected[most] ?? 0)} in the reference`
  )
}

const cardOf = ({ model, where, series }: ShownSeries): HTMLElement => {
  const { current, expected, status, verdict } = series
  return make(
    'div',
    { class: 'card' },
    make('h3', {}, `${series.name} (${series.role}) ${where} `, badgeOf(model)),
    make(
      'p',
      {},
      make('span', { class: status === 'drifted' ? 'tag alarm' : 'tag' }, codeWords(status ?? verdict)),
      ` ${factsOf(series)}`,
    ),
    current === null || expected === null
      ? make('p', {}, 'Nothing to compare yet.')
      : distributions({ current, reference: expected, words: wordsOf(current, expected) }),
  )
}

const reasonOf = ({ model_name, model_version, reason }: Drift['versions'][number]): HTMLElement[] =>
  reason === null ? [] : [make('p', {}, `${model_name} ${model_version} is not judged: ${reason}.`)]

const contentOf = (report: Drift): readonly HTMLElement[] => {
  const series = shownSeries(report)
  const reasons = report.versions.flatMap(reasonOf)
  if (series.length === 0 && reasons.length === 0)
    return [make('p', {}, 'Nothing has been judged yet: the first time is two minutes after an hour has ended.')]
  const drifted = series.filter(({ series: { status } }) => status === 'drifted').length
  const legend = make(
    'p',
    {},
    `${drifted} of ${series.length} fields and outputs have drifted. `,
    make('span', { class: 'key current' }),
    'now ',
    make('span', { class: 'key reference' }),
    'reference',
  )
  return [legend, ...reasons, make('div', { class: 'cards' }, ...series.map(cardOf))]
}

let shown = ''

export const showDrift = (report: unknown): void => {
  const key = JSON.stringify([report, ...synthetic()])
  if (key === shown) return
  shown = key
  const content = isDrift(report)
    ? contentOf(report)
    : [make('p', {}, 'The drift report is of a form that this page does not know.')]
  byId('drift').replaceChildren(...content)
}
