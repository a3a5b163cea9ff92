/** The strip of the dashboard that moves while somebody clicks. */
import { byId, make, say } from '../dashboard/elements.ts'
import type { StatisticsSeries } from '../protocol/series.ts'
import { sparkline } from './drawings.ts'

const EVERY_MILLISECONDS = 2_500
const DEADLINE_MILLISECONDS = 5_000

const show = ({ points, as_of, step_seconds }: StatisticsSeries): void => {
  const predictions = points
    .filter(({ to }) => to <= as_of)
    .map(({ counts }) =>
      counts === null
        ? null
        : Object.values(counts.models)
            .flatMap(({ versions }) => Object.values(versions))
            .reduce((sum, version) => sum + version.predictions, 0),
    )
  const total = predictions.reduce<number>((sum, count) => sum + (count ?? 0), 0)
  const words = `${total} predictions in the last five minutes, by ${step_seconds} seconds`
  say(byId('live-words'), `${words}.`)
  byId('live').replaceChildren(sparkline(predictions, words))
}

const look = async (): Promise<'again' | 'closed'> => {
  const answer = await fetch('/v1/stats/series?range=5m', { signal: AbortSignal.timeout(DEADLINE_MILLISECONDS) })
  if (answer.status === 401 || answer.status === 403) {
    say(byId('live-words'), 'The figures of this deployment want a token:')
    byId('live').replaceChildren(make('a', { href: '/dashboard' }, 'the dashboard asks for it.'))
    return 'closed'
  }
  if (answer.ok) show((await answer.json()) as StatisticsSeries)
  return 'again'
}

/** Looks again and again while the page is seen. */
export const watchLive = (): void => {
  const turn = async (): Promise<void> => {
    const outcome = document.hidden ? 'again' : await look().catch(() => 'again' as const)
    if (outcome === 'again') setTimeout(() => void turn(), EVERY_MILLISECONDS)
  }
  void turn()
}
