/** The alerts that are active, the gravest first. */
import { byId, make } from './elements.ts'
import { codeWords, figureWords, momentWords } from './words.ts'

interface ShownAlert {
  readonly name: string
  readonly state: string
  readonly severity: string
  readonly labels: string
  readonly value: number | null
  readonly since: number | null
}

type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const timeOf = (value: unknown): number | null => {
  const at = typeof value === 'string' ? Date.parse(value) : value
  return typeof at === 'number' && Number.isFinite(at) ? at : null
}

const alertOf = (value: unknown): ShownAlert[] => {
  if (!isMembers(value) || typeof value.name !== 'string') return []
  const { name, state, severity, labels } = value
  const told = isMembers(labels) ? Object.entries(labels).map(([label, of]) => `${label} ${String(of)}`) : []
  return [
    {
      ...{ name, state: textOf(state), severity: textOf(severity), labels: told.join(', ') },
      value: typeof value.value === 'number' ? value.value : null,
      since: timeOf(value.firing_since) ?? timeOf(value.fired_at) ?? timeOf(value.since),
    },
  ]
}

const RANKS = ['firing page', 'firing ticket', 'firing ', 'pending page']
const rankOf = ({ state, severity }: ShownAlert): number => {
  const rank = RANKS.indexOf(`${state} ${severity}`)
  return rank === -1 ? RANKS.length : rank
}

const itemOf = ({ name, state, severity, labels, value, since }: ShownAlert): HTMLElement =>
  make(
    'li',
    {},
    make('span', { class: state === 'firing' ? 'tag alarm' : 'tag' }, `${codeWords(state)} ${severity}`.trim()),
    ` ${[name, labels, value === null ? '' : figureWords(value), since === null ? '' : `since ${momentWords(since)}`].filter((part) => part !== '').join(', ')}`,
  )

/** `null`: an answer that this page cannot read. */
export const readAlerts = (report: unknown): readonly ShownAlert[] | null => {
  if (!isMembers(report) || !Array.isArray(report.alerts)) return null
  return report.alerts.flatMap(alertOf).sort((a, b) => rankOf(a) - rankOf(b))
}

let shown = ''

export const showAlerts = (report: unknown): void => {
  const key = JSON.stringify(isMembers(report) ? (report.alerts ?? null) : null)
  if (key === shown) return
  shown = key
  const alerts = readAlerts(report)
  const box = byId('alerts')
  if (alerts === null)
    box.replaceChildren(make('p', {}, 'The list of alerts is of a form that this page does not know.'))
  else if (alerts.length === 0)
    box.replaceChildren(make('p', {}, make('span', { class: 'tag good' }, 'none'), ' No alert is pending or firing.'))
  else box.replaceChildren(make('ul', { class: 'events' }, ...alerts.map(itemOf)))
}
