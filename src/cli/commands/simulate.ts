/** `nearcast simulate`: makes up orders, or sends the traffic of a made-up shop. */
import { parseArgs } from 'node:util'
import { DEFAULT_SHARES, FAULT_KINDS } from '../../training/traffic/fault-kinds.ts'
import type { Command } from '../command.ts'
import { Interrupted, interruptible } from '../featurize/interrupt.ts'
import { realPace } from '../simulate/pace.ts'
import { DEFAULTS, readSimulateOptions, SIMULATE_FLAGS } from '../simulate/read-options.ts'
import { sendTraffic } from '../simulate/send-traffic.ts'
import { writeOrders } from '../simulate/write-orders.ts'

const shareHelp = FAULT_KINDS.map(
  ({ name, description }) => `  ${`--${name} SHARE`.padEnd(26)}${description} (default: ${DEFAULT_SHARES[name]})`,
).join('\n')

const help = `Usage: nearcast simulate --orders N --output FILE [--outcomes FILE] [options]
       nearcast simulate --url URL [options]

Makes up the orders of a shop, and the days they are delivered on, by the rules that delivery-days has learned (see its
card); or sends the traffic of such a shop to a deployment, faults included. Everything is synthetic.

Both:
  --seed N                  of the dice: the same seed, the same orders or requests (default: ${DEFAULTS.seed})
  --zips DIR                the zip features, as nearcast zips writes them (default: kv-seed)

Orders: events as POST /v1/predict takes them, one a line, in the order of time.
  --orders N                how many
  --output FILE             where they go
  --outcomes FILE           and what became of each, as POST /v1/outcomes takes it
  --from DATE, --to DATE    when they were placed (default: ${DEFAULTS.from}, ${DEFAULTS.to})

Traffic: one event a request to POST /v1/predict, in the daily rhythm of the country; visitors come back.
  --url URL                 the deployment
  --model NAME              the model that is asked (default: the deployment's own)
  --rate N                  requests a second, the mean of the run (default: ${DEFAULTS.rate})
  --seconds N               how long (default: ${DEFAULTS.seconds})
  --speed N                 how many seconds of the visitors' clocks are one of the run: with 1440 a day is a minute
                            (default: ${DEFAULTS.speed})
  --from TIME               what their clocks show at the beginning (default: so that they show the present at the end)
  --in-flight N             requests under way at once, at most; what is due beyond it waits (default: ${DEFAULTS['in-flight']})
  --deadline SECONDS        for each request (default: ${DEFAULTS.deadline})
  --report-outcomes         report by receipt what became of the predictions, with WRITE_TOKEN: that of the
                            environment, or of .dev.vars for a deployment on this machine
  --outcomes-token-env NAME the same, with the token in another variable
Shares of what is wrong, each from 0 to 1; an event has one of these faults at most, and bots may have them too:
${shareHelp}

Progress goes to stderr, what came of it to stdout as JSON. SIGINT ends a run: what is under way is waited for.
Exit code 2 for bad input; 1 when there was no prediction, or outcomes were refused.

Example:
  $ npx nearcast simulate --orders 1000 --output orders.ndjson --outcomes outcomes.ndjson
  $ npx nearcast simulate --url http://127.0.0.1:8787 --model delivery-days --rate 50 --seconds 60 --report-outcomes
`

const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: SIMULATE_FLAGS })
  const options = readSimulateOptions(values)
  if (options.kind === 'orders') {
    process.stdout.write(`${JSON.stringify(await writeOrders(options, process.stderr))}\n`)
    return 0
  }
  return interruptible(async (signal) => {
    const result = await sendTraffic(options, {
      stream: process.stderr,
      pace: realPace,
      epochNow: () => Date.now(),
      environment: process.env,
      signal,
    })
    process.stdout.write(`${JSON.stringify(result)}\n`)
    if (signal.reason instanceof Interrupted) return signal.reason.exitCode
    const isPredicted = (result.answered['200'] ?? 0) > 0
    const isRefused = result.outcomes !== undefined && result.outcomes.lost + result.outcomes.rejected > 0
    if (!isPredicted) process.stderr.write(`nearcast simulate: ${options.url.origin} gave no prediction\n`)
    else if (isRefused) process.stderr.write('nearcast simulate: outcomes were refused or lost\n')
    return isPredicted && !isRefused ? 0 : 1
  })
}

export const command: Command = { summary: 'makes up orders, or sends the traffic of a made-up shop', help, run }
