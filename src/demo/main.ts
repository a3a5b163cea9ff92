/** The program of the demo: a shop that asks both models, and shows what the answers are made of. */
import { byId, draw, make, say, table } from '../dashboard/elements.ts'
import type { Prediction } from '../protocol/answers.ts'
import { type Answered, ask, type Stage } from './ask.ts'
import { type Bar, barTable } from './drawings.ts'
import { watchLive } from './live.ts'
import {
  baseWords,
  cautionWords,
  contributionWords,
  deliveryWords,
  featureWords,
  groupWords,
  lateWords,
  millisecondsWords,
  percent,
  spaced,
} from './words.ts'

interface Counted {
  readonly nearcast?: { counts(): { readonly queued: number; readonly sent: number } }
}

const MODELS = {
  'delivery-days': { panel: 'days', words: deliveryWords },
  'late-arrival': { panel: 'late', words: lateWords },
} as const
type Model = keyof typeof MODELS

const TYPING_MILLISECONDS = 250

/** How the days are distributed, where the output is a distribution. */
const distribution = ({ outputs }: Prediction): readonly Node[] => {
  const output = Object.values(outputs)[0]
  if (output === undefined || typeof output === 'number') return []
  const { labels, probabilities } = output
  const most = Math.max(...probabilities)
  const step = 300 / probabilities.length
  const words = probabilities
    .map((probability, index) => ({ probability, label: labels[index] }))
    .filter(({ probability }) => probability >= 0.01)
    .map(({ probability, label }) => `day ${label}: ${percent(probability)}`)
    .join(', ')
  const bars = probabilities.map((probability, index) =>
    draw('rect', {
      class: 'more',
      x: index * step + 1,
      y: 80 - (probability / most) * 78,
      width: step - 2,
      height: (probability / most) * 78,
    }),
  )
  return [
    draw(
      'svg',
      { viewBox: '0 0 300 80', role: 'img', 'aria-label': words, class: 'distribution', preserveAspectRatio: 'none' },
      ...bars,
    ),
    make('p', { class: 'note' }, `Days from 0 to ${labels.at(-1)}: ${words}.`),
  ]
}

const explanation = ({ explanation: told }: Prediction): Node => {
  if (told === undefined) return make('p', {}, 'This answer cannot be explained.')
  const { contributions, groups, of } = told
  const bars = Object.entries(contributions).map(
    ([name, value]): Bar => ({ label: groupWords(name, groups[name]), value, words: contributionWords(value, of) }),
  )
  return barTable(`What moved it away from the average, ${baseWords(told)}`, bars)
}

const features = ({ features: given = {}, model_name }: Prediction): Node =>
  table(
    `Features of ${model_name}`,
    ['feature', 'value'],
    Object.entries(given).map(([name, value]) => ({ head: spaced(name), cells: [featureWords(value)] })),
  )

const timing = ({ stages, milliseconds }: Answered): Node => {
  const known = stages.filter((stage): stage is Stage & { milliseconds: number } => stage.milliseconds !== null)
  const inside = known.reduce((sum, stage) => sum + stage.milliseconds, 0)
  const bars = [
    ...known.map(({ name, milliseconds: took }) => ({ label: name, value: took, words: millisecondsWords(took) })),
    ...stages
      .filter((stage) => stage.milliseconds === null)
      .map(({ name }) => ({ label: name, value: 0, words: 'not known' })),
    {
      label: 'network, and all else',
      value: Math.max(0, milliseconds - inside),
      words: millisecondsWords(milliseconds - inside),
    },
  ]
  return barTable(`${millisecondsWords(milliseconds)} until the answer was here`, bars)
}

const show = (model: Model, answered: Answered): void => {
  const { panel, words } = MODELS[model]
  const { prediction } = answered
  const caution = cautionWords(prediction)
  say(byId(`${panel}-words`), words(prediction))
  byId(`${panel}-details`).replaceChildren(
    ...(caution === null ? [] : [make('p', { class: 'note' }, caution)]),
    ...distribution(prediction),
    explanation(prediction),
    timing(answered),
    features(prediction),
    make(
      'details',
      {},
      make('summary', {}, 'The whole answer'),
      make('pre', { tabindex: '0' }, JSON.stringify(prediction, null, 1)),
    ),
  )
}

let asked = 0
const askBoth = async (): Promise<void> => {
  const turn = ++asked
  const zipCode = byId<HTMLInputElement>('zip').value.trim()
  const shipFromZip = byId<HTMLSelectElement>('from').value
  await Promise.all(
    (Object.keys(MODELS) as Model[]).map(async (model) => {
      try {
        const answered = await ask(model, { zipCode, shipFromZip })
        if (turn === asked) show(model, answered)
      } catch (error) {
        if (turn === asked)
          say(
            byId(`${MODELS[model].panel}-words`),
            `No answer: ${error instanceof Error ? error.message : String(error)}`,
          )
      }
    }),
  )
}

let typing = 0
byId('zip').addEventListener('input', () => {
  clearTimeout(typing)
  if (/^\d{5}(?:-\d{4})?$/.test(byId<HTMLInputElement>('zip').value.trim()))
    typing = window.setTimeout(() => void askBoth(), TYPING_MILLISECONDS)
})
byId('from').addEventListener('change', () => void askBoth())
byId('where').addEventListener('submit', (event) => {
  event.preventDefault()
  void askBoth()
})

const showBeacon = (): void => {
  const counts = (globalThis as Counted).nearcast?.counts()
  if (counts !== undefined)
    say(byId('beacon-words'), `The beacon has sent ${counts.sent} events of this page; ${counts.queued} wait.`)
}
setInterval(showBeacon, 1_000)
for (const button of document.querySelectorAll('[data-nearcast]')) {
  button.addEventListener('click', () => say(byId('cart-words'), `${button.textContent ?? ''}: noted by the beacon.`))
}

watchLive()
void askBoth()
