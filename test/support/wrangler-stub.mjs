/** Stands in for wrangler: answers a call from a script of recorded answers, and writes down how it was called. */
import { appendFileSync, readFileSync } from 'node:fs'

const script = JSON.parse(readFileSync(process.env.WRANGLER_SCRIPT, 'utf8'))
const args = process.argv.slice(2)
const line = args.join(' ')
const earlier = readFileSync(script.calls, 'utf8').split('\n')
appendFileSync(script.calls, `${line}\n`)
const found = script.answers.find(({ call }) => line.startsWith(call))
if (found === undefined) {
  process.stderr.write(`no recorded answer to: wrangler ${line}\n`)
  process.exit(1)
}
// The first call gets the first answer, and so on; the last one stays.
const times = earlier.filter((call) => call.startsWith(found.call)).length
const answer = found.answers[Math.min(times, found.answers.length - 1)]
if (answer.hangs) setInterval(() => {}, 1_000)
else {
  if (answer.output && process.env.WRANGLER_OUTPUT_FILE_PATH) {
    appendFileSync(process.env.WRANGLER_OUTPUT_FILE_PATH, answer.output)
  }
  process.stdout.write(answer.stdout ?? '')
  process.stderr.write(answer.stderr ?? '')
  process.exitCode = answer.code ?? 0
}
