/** `nearcast train`: fits gradient-boosted trees and writes a model version. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, UsageError } from '../command.ts'
import { readCount } from '../read-number.ts'
import { DELIVERY_DAYS, trainDeliveryDays } from '../train/delivery-days.ts'
import { trainLateArrival } from '../train/late-arrival.ts'
import { DATA_PACKAGE } from '../train/read-flights.ts'
import { trainTable } from '../train/table.ts'

const LATE_ARRIVAL = 'late-arrival'
const DATA = join('node_modules', 'vega-datasets', 'data')

/** How many orders `delivery-days` 1.0.0 was made of. */
const ORDERS = 100_000

const help = `Usage: nearcast train late-arrival [options]
       nearcast train delivery-days [options]
       nearcast train ROWS.parquet --label COLUMN [options]

Fits gradient-boosted trees and writes a model version: model.onnx, manifest.json, reference.json, MODEL_CARD.md.
The same command on the same data writes the same bytes.

late-arrival: will what leaves now reach this zip more than 15 minutes late? Learned from 3,000,000 flights of 2001.
The data come with one command, run in the root of the repository: npm install --no-save ${DATA_PACKAGE}
  --flights FILE        (default: ${join(DATA, 'flights-3m.parquet')})
  --airports FILE       (default: ${join(DATA, 'airports.csv')})
  --zips DIR            the zip features, as nearcast zips writes them (default: kv-seed)
  --export-split DIR    also write rows, labels and predictions as plain arrays, for other programs

delivery-days: how many days until an order is there? Synthetic: it learns the rules by which nearcast simulate makes
orders up, and its card says so first.
  --seed N              of the dice (default: 1)
  --orders N            how many to learn from (default: ${ORDERS})
  --zips DIR            (default: kv-seed)

ROWS.parquet: any table. Every numeric column but the label is a feature; rows are judged in the order of time: the
first 70 % to learn from, 15 % to choose the number of trees, the last 15 % to judge it.
  --label COLUMN        what to predict: 0 or 1, true or false
  --time COLUMN         when each row was, a timestamp or epoch milliseconds
                        (default: epoch_ms where there is one, else the order of the rows)
  --name NAME           of the model (default: the file's name)
  --version VERSION     (default: 1.0.0)
  --zips DIR            columns that the zip data there have are zip features, all others stand in the event (default: kv-seed)
  --synthetic           the rows are made up; the manifest will say so

  --output DIR          where versions are kept (default: model); a version never changes
  --replace             …unless this is given

Example:
  $ npx nearcast featurize sessions.ndjson --output rows.parquet
  $ npx nearcast train rows.parquet --label bought --name purchase
`

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      flights: { type: 'string', default: join(DATA, 'flights-3m.parquet') },
      airports: { type: 'string', default: join(DATA, 'airports.csv') },
      zips: { type: 'string', default: 'kv-seed' },
      'export-split': { type: 'string' },
      label: { type: 'string' },
      time: { type: 'string' },
      name: { type: 'string' },
      version: { type: 'string', default: '1.0.0' },
      synthetic: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      orders: { type: 'string', default: String(ORDERS) },
      output: { type: 'string', default: 'model' },
      replace: { type: 'boolean', default: false },
    },
  })
  const [subject, ...rest] = positionals
  if (subject === undefined)
    throw new UsageError(`name what to train: ${LATE_ARRIVAL}, ${DELIVERY_DAYS}, or a Parquet file of your own`)
  if (rest.length > 0) throw new UsageError(`expected one thing to train, got ${positionals.join(', ')}`)
  const { label } = values
  let directory: string
  if (subject === LATE_ARRIVAL) {
    directory = await trainLateArrival({ ...values, exportSplit: values['export-split'] }, process.stderr)
  } else if (subject === DELIVERY_DAYS) {
    const seed = readCount('seed', values.seed, 0, 2 ** 32 - 1)
    const orders = readCount('orders', values.orders, 1_000, 2_000_000)
    directory = await trainDeliveryDays({ ...values, seed, orders }, process.stderr)
  } else if (label === undefined) {
    throw new UsageError('--label COLUMN: name the column to predict')
  } else directory = await trainTable({ ...values, label, rows: subject }, process.stderr)
  process.stdout.write(`${directory}\n`)
  return 0
}

export const command: Command = { summary: 'fits gradient-boosted trees and writes a model version', help, run }
