/** Prints the results for the person who ran the command: the figures, and how far they moved from round to round. */
import { renderFigures } from './figures.ts'
import type { Results } from './results.ts'
import type { Spread } from './summary.ts'
import type { ShapeResult } from './throughput.ts'

const range = (spread: Spread | null | undefined): string =>
  spread === null || spread === undefined
    ? 'not measured here'
    : `${spread.median} (${spread.least}–${spread.greatest})`

const printShape = ({ shape, targets, generatorShare, generatorLagMilliseconds }: ShapeResult): void => {
  const title =
    'connections' in shape ? `closed loop, ${shape.connections} connections` : `fixed ${shape.perSecond} req/s`
  console.log(`\n${title}: median (least–greatest) of the rounds`)
  console.table(
    Object.fromEntries(
      Object.entries(targets).map(([name, measured]) => [
        name,
        {
          'req/s': range(measured.perSecond),
          'p50 ms': range(measured.p50Milliseconds),
          ...('perSecond' in shape ? { 'p99 ms': range(measured.p99Milliseconds) } : {}),
          'CPU µs/request': range(measured.cpuMicroseconds),
        },
      ]),
    ),
  )
  const lag = 'perSecond' in shape ? `, its own lateness p99 ${generatorLagMilliseconds} ms` : ''
  console.log(`the load process used at most ${generatorShare} of a core${lag}`)
}

export const printReport = (results: Results): void => {
  for (const shape of results.shapes) printShape(shape)
  console.log(`\n${renderFigures(results)}`)
}
