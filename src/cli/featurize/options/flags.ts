/** The flags of `nearcast featurize` and the text that explains them. */
import type { ParseArgsConfig } from 'node:util'

/** For `parseArgs`. */
export const FEATURIZE_FLAGS = {
  output: { type: 'string' },
  'output-format': { type: 'string' },
  compression: { type: 'string' },
  format: { type: 'string' },
  'time-path': { type: 'string' },
  'time-unit': { type: 'string' },
  'time-zone': { type: 'string' },
  'zip-path': { type: 'string' },
  zips: { type: 'string', default: 'kv-seed' },
  'zip-means': { type: 'string' },
  model: { type: 'string' },
  view: { type: 'string' },
  text: { type: 'string', multiple: true, default: [] },
  label: { type: 'string', multiple: true, default: [] },
  columns: { type: 'string' },
  strict: { type: 'boolean', default: false },
  'keep-order': { type: 'boolean', default: false },
  rejects: { type: 'string' },
  'max-reject-share': { type: 'string', default: '1' },
  threads: { type: 'string' },
} as const satisfies ParseArgsConfig['options']

export type FlagValues = {
  readonly [Name in keyof typeof FEATURIZE_FLAGS]?:
    | ((typeof FEATURIZE_FLAGS)[Name] extends { multiple: true }
        ? string[]
        : (typeof FEATURIZE_FLAGS)[Name]['type'] extends 'boolean'
          ? boolean
          : string)
    | undefined
}

export const FEATURIZE_HELP = `Usage: nearcast featurize INPUT… --output FILE.{parquet,csv,ndjson} [options]
       nearcast featurize - [options]

Reads logged events and writes a table of the features that the worker would have computed for them, with the same
code: event_id, epoch_ms, day_of_year, day_of_week, hour_of_day (UTC), the same at the zip's own time zone, the zip
features, and zip_level, which tells the zips that are known (exact) from those whose values are a mean.

INPUT is a file, a quoted pattern such as 'logs/*.ndjson.gz', or - for standard input. gzip and zstd are recognised, and
so are NDJSON, elasticdump, _bulk pairs, a JSON array of hits, pages of search responses, and records over several lines.

Output:
  --output PATH           a file; - for standard output (the default when the input is standard input); DIR/ for a part
                          for each input: parts that are there are never written again, so an interrupted run goes on
  --output-format FORM    parquet, csv or ndjson (default: by the file's name; parquet for DIR/, ndjson for -)
  --compression CODEC     of Parquet: snappy (default), zstd or none
  --columns NAME,…        only these columns
  --keep-order            a line out for each line in: {"error":…} stands for a record that gave no row (NDJSON only)

What is read:
  --format FORM           ndjson, bulk, array, pages or sequence, instead of looking
  --time-path PATH        where the time stands, dotted (default: createdDateTime, @timestamp, timestamp)
  --time-unit UNIT        ms, s, us or ns, of times that are numbers
  --time-zone ZONE        of times that name none, for example America/New_York
  --zip-path PATH         where the zip stands (default: zipCode, zip, postalCode)
  --strict                find every fault that JSON.parse finds, not only those of structure and of what is read
  --zips PATH             the zip features: a folder as nearcast zips writes it, or an export of the KV namespace
                          (default: kv-seed); --zip-means FILE for the means that stand in

More columns:
  --model DIR             the fields of a model version's feature view, as the worker computes them
  --view FILE             the same from a feature view (JSON); --text NAME keeps one of its event fields as text
  --label [NAME=]PATH     what stands at this path, as it is; may be repeated. The first values tell whether it is a
                          column of numbers, of booleans or of text; PATH:number, PATH:boolean, PATH:text say so

What goes wrong:
  --rejects FILE          writes the records that gave no row as NDJSON: source, line, offset, code, message, raw
  --max-reject-share N    fails when a greater share of the records was rejected, 0 to 1 (default: 1)

  --threads N             (default: 2; each further one may take 150 MB of memory)

Exit code 0; 1 for a failure; 2 for input or options that cannot be read. Nothing half written is left behind.

Example:
  $ npx nearcast featurize 'logs/*.ndjson.gz' --output rows.parquet --label bought --rejects rejects.ndjson
`
