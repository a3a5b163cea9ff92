/** A folder with a part for each finished source: what is there is never written again, so a run goes on where the last one ended. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../command.ts'
import { writeFiles } from '../../train/write-files.ts'
import type { OutputColumn } from '../columns.ts'
import { ParquetTable } from '../parquet/parquet-writer.ts'
import type { FeaturizePlan } from '../plan.ts'
import type { RecordSource } from '../source.ts'
import { type Destination, type Notes, tableWriter, writeRejects } from './destination.ts'
import type { OpenOutput, OutputFile } from './output-file.ts'
import type { TableWriter } from './table-writer.ts'

/** What begins with `_` is no part to Spark, pandas and DuckDB's directory readers. */
const DESCRIPTION = '_featurize.json'
const REJECTS = '_rejects'

/** What every part of a folder has in common. */
interface Description {
  readonly form: string
  readonly rules: FeaturizePlan['rules']
  readonly notes: Notes
  readonly columns: readonly OutputColumn[]
}

interface OpenPart {
  readonly output: OutputFile
  readonly rejects: OutputFile
  readonly table: TableWriter
  hasRejects: boolean
}

/** `columns` with the types that labels have in the parts that are there. */
const withKnownTypes = (columns: readonly OutputColumn[], known: readonly OutputColumn[] | undefined): OutputColumn[] =>
  columns.map((column): OutputColumn => {
    const same = known?.find(({ name }) => name === column.name)
    if (column.source !== 'label' || column.type !== 'choose' || same === undefined) return column
    return { ...column, type: same.type }
  })

const readDescription = (path: string): Description | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Description) : undefined

/** The first thing in which two descriptions differ. */
const difference = (known: Description, wanted: Description): string | undefined => {
  const parts = ['form', 'rules', 'notes', 'columns'] as const
  return parts.find((part) => JSON.stringify(known[part]) !== JSON.stringify(wanted[part]))
}

export class PartFolder implements Destination {
  readonly isByPart = true
  private readonly folder: string
  private readonly plan: FeaturizePlan
  private readonly notes: Notes
  private readonly open: OpenOutput
  private readonly warn: (message: string) => void
  private readonly rejectFile: string | undefined
  private columns: readonly OutputColumn[]
  private isDescribed: boolean
  private part: OpenPart | undefined
  private readonly parts: string[] = []

  /** Throws a UsageError where the folder holds parts of another shape. */
  constructor(
    folder: string,
    plan: FeaturizePlan,
    notes: Notes,
    rejectFile: string | undefined,
    open: OpenOutput,
    warn: (message: string) => void,
  ) {
    this.folder = folder
    this.plan = plan
    this.notes = notes
    this.rejectFile = rejectFile
    this.open = open
    this.warn = warn
    const known = readDescription(join(folder, DESCRIPTION))
    this.isDescribed = known !== undefined
    this.columns = withKnownTypes(plan.columns, known?.columns)
    const differs = known === undefined ? undefined : difference(known, this.describe())
    if (differs !== undefined) {
      throw new UsageError(`${folder} holds parts whose ${differs} are others (${DESCRIPTION}); choose another folder`)
    }
  }

  isFinished(source: RecordSource): boolean {
    this.parts.push(source.part)
    const path = this.pathOf(source)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return false
    if (source.changedAt !== undefined && source.changedAt > stat.mtimeMs) {
      this.warn(`${source.name} has changed since ${path} was written; the part is kept as it is`)
    }
    return true
  }

  async begin(source: RecordSource, lanes: Parameters<Destination['begin']>[1]): Promise<void> {
    const output = await this.open(this.pathOf(source))
    const rejects = await this.open(this.rejectsOf(source.part))
    const table = tableWriter(this.plan, this.columns, output, lanes, this.notes)
    this.part = { output, rejects, table, hasRejects: false }
  }

  async add(...[source, result, rejects]: Parameters<Destination['add']>): Promise<void> {
    const { part } = this
    if (part === undefined) throw new Error('rows came before their part was begun')
    await part.table.add(result.output)
    await writeRejects(part.rejects, source.name, rejects)
    part.hasRejects ||= rejects.length > 0
  }

  async end(): Promise<void> {
    const { part } = this
    if (part === undefined) return
    await part.table.finish()
    if (part.table instanceof ParquetTable) this.columns = part.table.typed
    if (!this.isDescribed) {
      await writeFiles(this.folder, { [DESCRIPTION]: `${JSON.stringify(this.describe(), null, 1)}\n` })
      this.isDescribed = true
    }
    // The part last: once it is there, nothing of it is written again.
    if (part.hasRejects) await part.rejects.commit()
    else await part.rejects.discard()
    await part.output.commit()
    this.part = undefined
  }

  async finish(): Promise<void> {
    await this.gatherRejects()
  }

  async refuse(): Promise<void> {
    await this.part?.output.discard()
    await this.part?.rejects.commit()
    this.part = undefined
    await this.gatherRejects()
  }

  async discard(): Promise<void> {
    await this.part?.output.discard()
    await this.part?.rejects.discard()
    this.part = undefined
  }

  /** The rejects of all parts, of earlier runs too, in one file. */
  private async gatherRejects(): Promise<void> {
    if (this.rejectFile === undefined) return
    const file = await this.open(this.rejectFile)
    try {
      for (const path of this.parts.map((part) => this.rejectsOf(part))) {
        if (existsSync(path)) await file.write(await readFile(path))
      }
      await file.commit()
    } catch (error) {
      await file.discard()
      throw error
    }
  }

  private describe(): Description {
    return { form: this.plan.form, rules: this.plan.rules, notes: this.notes, columns: this.columns }
  }

  private pathOf({ part }: RecordSource): string {
    return join(this.folder, `${part}.${this.plan.form}`)
  }

  private rejectsOf(part: string): string {
    return join(this.folder, REJECTS, `${part}.ndjson`)
  }
}
