/** Renders test/faults/table.json as the table in docs/faults.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { count, table, withBlock } from '../../bench/figures.ts'
import type { Machine } from '../../bench/machine.ts'
import { ROOT } from '../../bench/root.ts'
import type { RowFigures } from './row.ts'

export interface FaultTable {
  readonly date: string
  readonly command: string
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly seconds: number
  readonly rows: readonly RowFigures[]
}

export const FAULTS_PAGE = 'docs/faults.md'
export const FAULTS_BLOCK = 'faults'
const FILE = join(ROOT, 'test', 'faults', 'table.json')

const HEAD = [
  'fault',
  'requests',
  'answered',
  'within 100 ms',
  'flagged',
  'refused',
  'wrong',
  'events accepted',
  'archived',
  'dead letters',
  'missing',
  'double',
  'counted',
]

export const readTable = (): FaultTable => JSON.parse(readFileSync(FILE, 'utf8')) as FaultTable

/** The block without its markers. */
export const renderTable = ({ date, command, machine, versions, seconds, rows }: FaultTable): string => {
  const versionList = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const cells = (row: RowFigures): string[] => [
    row.fault,
    ...[row.sent, row.answered, row.within, row.flagged, row.refused, row.wrong].map(count),
    ...[row.accepted, row.archived, row.letters, row.missing, row.doubles, row.counted].map(count),
  ]
  return [
    `Measured ${date} by \`${command}\` on ${machine.cpu}, ${machine.cores} cores, ${machine.system}; ${versionList.join(', ')}; ${rows.length} rows in ${seconds} s.`,
    table(HEAD, rows.map(cells)),
  ].join('\n\n')
}

const renderPage = (results: FaultTable): void => {
  const page = join(ROOT, FAULTS_PAGE)
  writeFileSync(page, withBlock(readFileSync(page, 'utf8'), renderTable(results), FAULTS_BLOCK))
}

export const writeTable = (results: FaultTable): void => {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`)
  renderPage(results)
}

// `node test/faults/fault-table.ts` renders again what was measured before.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) renderPage(readTable())
