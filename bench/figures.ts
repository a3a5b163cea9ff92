/** Renders bench/results.json as the Markdown block of figures that stands in README.md and docs/architecture.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { StartResult } from './first-request.ts'
import { type Results, readResults } from './results.ts'
import { ROOT } from './root.ts'
import type { Spread } from './summary.ts'
import type { Measured, ShapeResult } from './throughput.ts'

/** What encloses the block called `name` in a page. */
export const markersOf = (name: string) => ({ begin: `<!-- ${name}:begin -->`, end: `<!-- ${name}:end -->` })

export const { begin: BEGIN, end: END } = markersOf('figures')

/** The pages that hold the block. */
export const PAGES = ['README.md', 'docs/architecture.md'] as const

/** What targets and starts are called in the tables; a name that is not here stands for itself. */
const LABELS: Readonly<Record<string, string>> = {
  nearcast: 'Nearcast',
  bare: 'bare Hono Worker, echoes the JSON',
  onnxruntime: 'FastAPI + onnxruntime',
  'scikit-learn': 'FastAPI + scikit-learn',
  eager: 'Nearcast, session at module scope (as deployed)',
  lazy: 'Nearcast, session in the first request',
}

const label = (name: string): string => LABELS[name] ?? name

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}

export const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 })
const milliseconds = (spread: Spread | undefined, digits: number): string =>
  spread === undefined ? '' : `${spread.median.toFixed(digits)} ms`
const withRange = ({ median, least, greatest }: Spread): string =>
  `${median.toFixed(2)} (${least.toFixed(2)} to ${greatest.toFixed(2)})`

const shapeWith = (results: Results, wanted: 'connections' | 'perSecond', value: number): ShapeResult => {
  const found = results.shapes.find(({ shape }) => Reflect.get(shape, wanted) === value)
  if (found === undefined) throw new Error(`the results have no run at ${value} ${wanted}`)
  return found
}

const throughput = (results: Results): string => {
  const one = shapeWith(results, 'connections', 1)
  const many = shapeWith(results, 'connections', 32)
  const fixed = shapeWith(results, 'perSecond', 300)
  const row = (name: string): string[] => {
    const at = (shape: ShapeResult): Measured => shape.targets[name]
    return [
      label(name),
      count(at(one).perSecond.median),
      milliseconds(at(one).p50Milliseconds, 2),
      count(at(many).perSecond.median),
      milliseconds(at(many).p50Milliseconds, 2),
      milliseconds(at(fixed).p50Milliseconds, 2),
      milliseconds(at(fixed).p99Milliseconds, 2),
      `${at(many).cpuMicroseconds?.median ?? '–'} µs`,
    ]
  }
  const head = [
    '',
    'req/s, 1 conn.',
    'p50',
    'req/s, 32 conn.',
    'p50',
    'p50 at 300 req/s',
    'p99 at 300 req/s',
    'CPU/request',
  ]
  return table(head, Object.keys(many.targets).map(row))
}

/** Nearcast's requests per second over each peer's, both taken in the same round. */
const ratios = (results: Results): string => {
  const one = shapeWith(results, 'connections', 1).ratios
  const many = shapeWith(results, 'connections', 32).ratios
  return table(
    ['Nearcast ÷ peer, req/s', '1 connection', '32 connections'],
    Object.keys(many).map((name) => [label(name), withRange(one[name]), withRange(many[name])]),
  )
}

const starts = (results: Results): string => {
  const row = ([name, start]: [string, StartResult]): string[] => [
    label(name),
    milliseconds(start.listeningMilliseconds, 0),
    milliseconds(start.startCpuMilliseconds ?? undefined, 0),
    milliseconds(start.firstMilliseconds, 1),
    milliseconds(start.secondMilliseconds, 1),
    start.residentMebibytes === null ? '' : `${start.residentMebibytes.median} MiB`,
  ]
  return table(
    ['fresh start', 'until it listens', 'CPU until then', 'first request', 'second', 'memory'],
    Object.entries(results.starts).map(row),
  )
}

const stages = (results: Results): string =>
  table(
    ['stage, in Node', ...results.stages.map(({ stage }) => stage), 'sum'],
    [
      [
        'mean, µs',
        ...results.stages.map(({ meanMicroseconds }) => meanMicroseconds.toFixed(1)),
        results.stages.reduce((sum, { meanMicroseconds }) => sum + meanMicroseconds, 0).toFixed(1),
      ],
    ],
  )

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

/** The block without its markers. */
export const renderFigures = (results: Results): string => {
  const { machine, versions, model, plan, startup, bundle } = results
  const versionList = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const skipped = results.peersSkipped === null ? '' : ` Python peers skipped: ${results.peersSkipped}.`
  return [
    `Measured ${results.date} by \`${results.command}\` on ${machine.cpu}, ${machine.cores} cores, ${machine.system}; ${versionList.join(', ')}; model ${model.name} ${model.version}, ${model.trees} trees of ${count(model.leaves / model.trees)} leaves. \`POST /v1/predict\` with one event a request, medians of ${plan.rounds} rounds taken in turn; 300 req/s at fixed times.${skipped}`,
    throughput(results),
    ratios(results),
    starts(results),
    stages(results),
    `Start-up as \`wrangler check startup\` profiles it: ${startup.activeMilliseconds} ms of CPU, ${startup.wasmMilliseconds} of them in WebAssembly. Bundle: ${megabytes(bundle.rawBytes)}, ${megabytes(bundle.gzipBytes)} gzip.`,
  ].join('\n\n')
}

/** `page` with `block` between the markers of `name`. Throws when it has not both, once each and in order. */
export const withBlock = (page: string, block: string, name = 'figures'): string => {
  const markers = markersOf(name)
  const begin = page.indexOf(markers.begin)
  const end = page.indexOf(markers.end)
  if (begin < 0 || end < begin || page.lastIndexOf(markers.begin) !== begin || page.lastIndexOf(markers.end) !== end) {
    throw new Error(`the page needs one "${markers.begin}" and one "${markers.end}" after it`)
  }
  return `${page.slice(0, begin + markers.begin.length)}\n${block}\n${page.slice(end)}`
}

export const withFigures = (page: string, results: Results): string => withBlock(page, renderFigures(results))

export const writeFigures = (results: Results): void => {
  for (const page of PAGES) {
    const file = join(ROOT, page)
    writeFileSync(file, withFigures(readFileSync(file, 'utf8'), results))
  }
}

// `node bench/figures.ts` renders again what was measured before.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFigures(readResults())
