/** The three time features by JSON.parse, line by line, written nowhere: `node featurize-json-parse.ts INPUT`. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

const DAY_MILLISECONDS = 86_400_000

const lines = createInterface({ input: createReadStream(process.argv[2], { highWaterMark: 2 ** 20 }) })
let sum = 0
for await (const line of lines) {
  const source = JSON.parse(line)._source
  const date = new Date(source.createdDateTime ?? source.timestamp)
  const dayOfYear = Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / DAY_MILLISECONDS) + 1
  sum += dayOfYear + ((date.getUTCDay() + 6) % 7) + date.getUTCHours()
}
process.stderr.write(`${sum}\n`)
