/** The dashboard: asks, and shows what it is told. */
import type { StatisticsSeries } from '../protocol/series.ts'
import type { StatisticsAnswer } from '../protocol/statistics.ts'
import { type Answer, ask } from './ask.ts'
import { Chart } from './chart.ts'
import { startDoor } from './door.ts'
import { byId } from './elements.ts'
import { learnEvidence, synthetic } from './evidence.ts'
import { keepPoints } from './keep-points.ts'
import { errorLines, type Lines, latencyLines, stageLines, trafficLines, zipLines } from './lines.ts'
import { showAccuracy } from './panel-accuracy.ts'
import { showAlerts } from './panel-alerts.ts'
import { showDrift } from './panel-drift.ts'
import { marksOf, showReleases } from './panel-releases.ts'
import { showStages } from './panel-stages.ts'
import { showTiles } from './panel-tiles.ts'
import { type Outcome, Poller, type PollTimers } from './poll.ts'
import { RANGES, startRanges } from './ranges.ts'
import { section } from './section.ts'
import { showAsOf, showLiveness } from './status.ts'
import { startTheme } from './theme.ts'
import { figureWords, secondsWords, shareWords } from './words.ts'

const timers: PollTimers = {
  set: (run, milliseconds) => window.setTimeout(run, milliseconds),
  clear: (timer) => window.clearTimeout(timer),
}
const isPublic = byId('main').dataset.public === 'true'

const perSecond = (rate: number): string => `${figureWords(rate)}/s`
const charts: readonly (readonly [Chart, (series: StatisticsSeries) => Lines])[] = [
  [
    new Chart({
      id: 'traffic',
      title: 'Predictions a second, by version',
      words: perSecond,
      nothing: 'Nothing was predicted',
    }),
    (series) => trafficLines(series, synthetic()),
  ],
  [
    new Chart({ id: 'errors', title: 'Failures a second, by reason', words: perSecond, nothing: 'Nothing failed' }),
    errorLines,
  ],
  [
    new Chart({
      id: 'latency',
      title: 'Wall time of requests, by version',
      words: secondsWords,
      nothing: 'No duration is known',
    }),
    latencyLines,
  ],
  [
    new Chart({
      id: 'stage-latency',
      title: 'Nine in ten were faster: wall time by stage',
      words: secondsWords,
      nothing: 'No duration is known',
    }),
    stageLines,
  ],
  [
    new Chart({
      id: 'zips',
      title: 'Lookups of zip features, by how they ended',
      words: shareWords,
      nothing: 'No zip was looked up',
    }),
    zipLines,
  ],
]

let last: StatisticsSeries | null = null
let answeredAt: number | null = null

const showSeries = (told: StatisticsSeries): void => {
  last = keepPoints(last, told)
  answeredAt = Date.now()
  const frame = { from: last.from, to: Math.max(last.as_of, last.from + 1), marks: marksOf(last) }
  for (const [chart, linesOf] of charts) chart.show(linesOf(last), frame)
  showTiles(last)
  showReleases(last)
  showAsOf(last.as_of)
  showLiveness({ kind: 'live', shards: last.shards })
}

const lock = (): void => {
  stop()
  door.lock()
  showLiveness({ kind: 'locked' })
}

const takeSeries = (answer: Answer<StatisticsSeries>): Outcome => {
  switch (answer.kind) {
    case 'told':
      showSeries(answer.value)
      return { isGood: true, againMilliseconds: 0 }
    case 'refused':
      lock()
      return { isGood: false, againMilliseconds: 0 }
    case 'absent':
      showLiveness({ kind: 'silent', since: answeredAt, why: 'this server keeps no time line' })
      return { isGood: false, againMilliseconds: 0 }
    case 'failed':
      showLiveness({ kind: 'silent', since: answeredAt, why: answer.message })
      return { isGood: false, againMilliseconds: answer.afterMilliseconds }
  }
}

const askSeries = async (signal: AbortSignal): Promise<Outcome> => {
  const answer = await ask<StatisticsSeries>(`/v1/stats/series?range=${range()}`, door.token(), signal)
  return signal.aborted ? { isGood: true, againMilliseconds: 0 } : takeSeries(answer)
}

/** Seldom: it changes with a deployment or a publication. Of a server that does not say, no model has a badge. */
const EVIDENCE_MILLISECONDS = 300_000

const askEvidence = async (signal: AbortSignal): Promise<Outcome> => {
  const answer = await ask<unknown>('/v1/models', null, signal)
  if (!signal.aborted && answer.kind === 'told') learnEvidence(answer.value)
  return { isGood: answer.kind === 'told', againMilliseconds: answer.kind === 'told' ? 0 : 10_000 }
}

const range = startRanges(() => {
  showLiveness({ kind: 'waiting' })
  start()
})
const door = startDoor(() => {
  showLiveness({ kind: 'waiting' })
  start()
})
const beside = { token: door.token, onRefused: lock, timers }
const pollers: readonly Poller[] = [
  new Poller(askEvidence, () => EVIDENCE_MILLISECONDS, timers),
  new Poller(askSeries, () => RANGES[range()].every, timers),
  section<StatisticsAnswer>({
    ...beside,
    note: 'accuracy-note',
    path: () => `/v1/stats?window=${RANGES[range()].window}`,
    everyMilliseconds: () => Math.max(15_000, RANGES[range()].every),
    absent: 'This deployment keeps no statistics.',
    show: (statistics) => {
      showAccuracy(statistics)
      showStages(statistics)
    },
  }),
  section<unknown>({
    ...beside,
    note: 'alerts-note',
    path: () => '/v1/alerts',
    everyMilliseconds: () => 10_000,
    absent: 'This deployment has no list of alerts.',
    show: showAlerts,
  }),
  section<unknown>({
    ...beside,
    note: 'drift-note',
    path: () => '/v1/drift',
    everyMilliseconds: () => 30_000,
    absent: 'This deployment has no drift report.',
    show: showDrift,
  }),
]

const stop = (): void => {
  for (const poller of pollers) poller.stop()
}
const start = (): void => {
  if (document.hidden || door.isLocked()) return
  for (const poller of pollers) poller.start()
}

startTheme(() => {
  for (const [chart] of charts) chart.redraw()
})
document.addEventListener('visibilitychange', () => {
  if (door.isLocked()) return
  if (document.hidden) {
    stop()
    showLiveness({ kind: 'paused' })
  } else start()
})
byId('forget').hidden = isPublic
if (!isPublic && door.token() === null) lock()
else {
  showLiveness({ kind: 'waiting' })
  start()
}
