/** The models of test/fixtures/foreign: what a library exported, what it predicted, and what was imported of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ImportOptions } from '../../src/cli/import/import-model.ts'
import { ROOT } from './bundled-app.ts'
import type { StoredPredictions } from './foreign-rows.ts'

export const FOREIGN = join(ROOT, 'test/fixtures/foreign')

export const storedPredictions = (name: string): StoredPredictions =>
  JSON.parse(readFileSync(join(FOREIGN, `${name}.json`), 'utf8'))

export const servedDirectory = (name: string): string => join(FOREIGN, 'served', name, '1.0.0')

const SESSION_COLUMNS = ['hour_of_day', 'day_of_week', 'latitude', 'longitude', 'cart_value']

/** What import.sh gives each of them. */
const CHOICES: Readonly<Record<string, Partial<ImportOptions>>> = {
  pipeline: { synthetic: true, answers: ['output_probability=bought_probability'] },
  lightgbm: { columns: storedPredictions('lightgbm').columns },
  xgboost: { columns: storedPredictions('xgboost').columns },
  mlp: { synthetic: true, columns: SESSION_COLUMNS },
  days: { synthetic: true, columns: SESSION_COLUMNS },
}

export const MODELS = Object.keys(CHOICES)

/** The options that import `name` into `output`. */
export const importOptions = (name: string, output: string, changes: Partial<ImportOptions> = {}): ImportOptions => ({
  model: join(FOREIGN, `${name}.onnx`),
  features: join(FOREIGN, `${name}.parquet`),
  name: undefined,
  version: '1.0.0',
  synthetic: false,
  output,
  replace: false,
  zips: join(ROOT, 'kv-seed'),
  view: undefined,
  time: undefined,
  columns: undefined,
  answers: [],
  kind: undefined,
  labels: undefined,
  predicted: storedPredictions(name).predicted,
  tolerance: 1e-5,
  ...CHOICES[name],
  ...changes,
})
