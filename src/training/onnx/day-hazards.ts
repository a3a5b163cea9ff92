/** Writes an ensemble of daily hazards as an ONNX model: a row of raw features in, the chances of the days out. */
import onnxProto from 'onnx-proto'
import { DAY_COLUMNS } from '../delivery/day-hazards.ts'
import { openTable, TABLE_DAYS } from '../delivery/open-days.ts'
import { DAY_LABELS, LAST_DAY } from '../delivery/transit.ts'
import type { Ensemble } from '../gbdt/tree.ts'
import { int, treeAttributes } from './attributes.ts'
import { floatTensor, type OnnxNames, serializeModel } from './tree-ensemble.ts'

const { FLOAT, INT64 } = onnxProto.onnx.TensorProto.DataType
const COLUMNS = DAY_COLUMNS.length

const int64s = (name: string, dims: readonly number[], values: readonly number[]) => ({
  name,
  dataType: INT64,
  dims: [...dims],
  int64Data: [...values],
})
const floatsAs = (name: string, dims: readonly number[], values: ArrayLike<number>) => ({
  name,
  dataType: FLOAT,
  dims: [...dims],
  floatData: Array.from(values),
})

const node = (opType: string, input: readonly string[], output: string, attribute: readonly object[] = []) => ({
  opType,
  name: output,
  input: [...input],
  output: [output],
  attribute: [...attribute],
})

/** Column `index` of the input as whole numbers in [`least`, `greatest`]; NaN is `least`. */
const calendarColumn = (input: string, name: string, index: string, least: string, greatest: string) => [
  node('Gather', [input, index], `${name}_raw`, [int('axis', 1)]),
  node('IsNaN', [`${name}_raw`], `${name}_missing`),
  node('Where', [`${name}_missing`, least, `${name}_raw`], `${name}_known`),
  node('Clip', [`${name}_known`, least, greatest], `${name}_inside`),
  node('Cast', [`${name}_inside`], name, [int('to', INT64)]),
]

/**
 * The bytes of the model. Input `names.input` FP32 [rows, 4]: local_day_of_year, local_day_of_week, local_minute_of_day, distance_km; output
 * `names.output` FP32 [rows, 15]. Inside: the calendar of the days ahead by table, a row of `DAY_COLUMNS` for each of 14 days, the trees' log-odds
 * s of each, S = exp(−Σ softplus(s)) for what has not come yet, and the differences of S. The same ensemble gives the same bytes.
 */
export const writeDayHazards = (ensemble: Ensemble, features: readonly string[], names: OnnxNames): Uint8Array => {
  const days = Array.from({ length: LAST_DAY }, (_, day) => day)
  return serializeModel(features, names, {
    name: names.graph,
    input: [floatTensor(names.input, features.length)],
    output: [floatTensor(names.output, DAY_LABELS.length)],
    initializer: [
      floatsAs('open', [7 * TABLE_DAYS], openTable()),
      int64s('days', [1, LAST_DAY], days),
      ...['0', '1', '2', '3'].map((column) => int64s(`column_${column}`, [1], [Number(column)])),
      int64s('week', [], [7]),
      int64s('table_days', [], [TABLE_DAYS]),
      int64s('one', [], [1]),
      int64s('from_tomorrow', [1], [1]),
      int64s('day_axis', [1], [1]),
      int64s('column_axis', [1], [2]),
      int64s('end', [1], [LAST_DAY]),
      int64s('as_rows', [2], [-1, COLUMNS]),
      int64s('as_orders', [2], [-1, LAST_DAY]),
      int64s('before_first', [4], [0, 1, 0, 0]),
      int64s('behind_last', [4], [0, 0, 0, 1]),
      ...[0, 1, 6, 366].map((value) => floatsAs(`float_${value}`, [], [value])),
      floatsAs(
        'zeros',
        [1, LAST_DAY],
        days.map(() => 0),
      ),
    ],
    node: [
      ...calendarColumn(names.input, 'day_of_year', 'column_0', 'float_1', 'float_366'),
      ...calendarColumn(names.input, 'day_of_week', 'column_1', 'float_0', 'float_6'),
      node('Gather', [names.input, 'column_2'], 'minute', [int('axis', 1)]),
      node('Gather', [names.input, 'column_3'], 'distance', [int('axis', 1)]),
      node('Add', ['day_of_week', 'days'], 'weekday_running'),
      node('Mod', ['weekday_running', 'week'], 'weekday'),
      node('Mul', ['weekday', 'table_days'], 'weekday_row'),
      node('Sub', ['day_of_year', 'one'], 'number'),
      node('Add', ['number', 'days'], 'number_running'),
      node('Add', ['weekday_row', 'number_running'], 'table_index'),
      node('Gather', ['open', 'table_index'], 'open_today'),
      node('Slice', ['open_today', 'column_0', 'column_1', 'day_axis'], 'open_first'),
      node('Slice', ['open_today', 'from_tomorrow', 'end', 'day_axis'], 'open_after'),
      node('Pad', ['open_after', 'before_first', 'float_0'], 'open_counted'),
      node('CumSum', ['open_counted', 'one'], 'open_days'),
      ...(['distance', 'minute', 'open_first'] as const).map((name) => node('Add', [name, 'zeros'], `${name}_daily`)),
      ...(['distance_daily', 'minute_daily', 'open_first_daily', 'open_days', 'open_today'] as const).map((name) =>
        node('Unsqueeze', [name, 'column_axis'], `${name}_column`),
      ),
      node(
        'Concat',
        ['distance_daily', 'minute_daily', 'open_first_daily', 'open_days', 'open_today'].map(
          (name) => `${name}_column`,
        ),
        'daily',
        [int('axis', 2)],
      ),
      node('Reshape', ['daily', 'as_rows'], 'day_rows'),
      { ...node('TreeEnsembleRegressor', ['day_rows'], 'log_odds', treeAttributes(ensemble)), domain: 'ai.onnx.ml' },
      node('Reshape', ['log_odds', 'as_orders'], 'daily_log_odds'),
      node('Softplus', ['daily_log_odds'], 'risk'),
      node('CumSum', ['risk', 'one'], 'risk_so_far'),
      node('Neg', ['risk_so_far'], 'log_left'),
      node('Exp', ['log_left'], 'left'),
      node('Pad', ['left', 'before_first', 'float_1'], 'left_before'),
      node('Pad', ['left', 'behind_last', 'float_0'], 'left_behind'),
      node('Sub', ['left_before', 'left_behind'], names.output),
    ],
  })
}
