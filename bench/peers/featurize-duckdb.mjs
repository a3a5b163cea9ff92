/** The same five columns by DuckDB, in one query: `node featurize-duckdb.mjs INPUT OUTPUT typed|objects TIME_FIELD THREADS`. */
import { DuckDBInstance } from '@duckdb/node-api'

const [input, output, reader, timeField, threads] = process.argv.slice(2)
const isNumber = timeField === 'createdDateTime'

/** One row for each record: its id, and its time as milliseconds. */
const READERS = {
  typed: () => {
    const type = isNumber ? 'BIGINT' : 'TIMESTAMPTZ'
    const time = `_source."${timeField}"`
    const columns = `{_id: 'VARCHAR', _source: 'STRUCT("${timeField}" ${type})'}`
    const epoch = isNumber ? time : `epoch_ms(${time})`
    return `SELECT _id AS event_id, ${epoch} AS epoch_ms FROM read_json('${input}', format = 'newline_delimited', columns = ${columns})`
  },
  objects: () => {
    const time = `json ->> '$._source.${timeField}'`
    const epoch = isNumber ? `CAST(${time} AS BIGINT)` : `epoch_ms(CAST(${time} AS TIMESTAMPTZ))`
    return `SELECT json ->> '$._id' AS event_id, ${epoch} AS epoch_ms FROM read_json_objects('${input}', format = 'newline_delimited')`
  },
}

const QUERY = `COPY (
  SELECT event_id, epoch_ms, CAST(dayofyear(instant) AS INTEGER) AS day_of_year,
    CAST(isodow(instant) - 1 AS INTEGER) AS day_of_week, CAST(hour(instant) AS INTEGER) AS hour_of_day
  FROM (SELECT *, make_timestamp_ms(epoch_ms) AS instant FROM (${READERS[reader]()}))
) TO '${output}' (FORMAT parquet)`

const instance = await DuckDBInstance.create(':memory:', { threads })
const connection = await instance.connect()
await connection.run(QUERY)
