/** What the log says of a request: which it was and how it ended, and nothing of who sent it or what. */
import { between } from '../core/clock.ts'
import type { LogFields } from '../core/log-entry.ts'
import type { Prediction } from '../protocol/answers.ts'
import { PROBLEMS } from '../protocol/problem.ts'
import { traceFields } from '../protocol/trace.ts'
import type { PredictOutcome } from '../serving/predict.ts'
import type { Exchange } from './exchange.ts'

/** In a millisecond. */
const NANOSECONDS = 1_000_000

/** Only paths of known words: a path that is nobody's may hold anything. */
const KNOWN_PATH = /^\/(?:v1|v2|admin)\/[\w./-]{1,200}$/

const identityOf = ({ requestId, trace, path }: Exchange): Partial<LogFields> => ({
  'http.request.id': requestId,
  ...(KNOWN_PATH.test(path) ? { 'url.path': path } : {}),
  ...(trace === null ? {} : { 'span.id': trace.spanId, ...traceFields(trace.traceparent) }),
})

/** A request that failed by our fault. Failures of callers are only counted. */
export const logFailure = (exchange: Exchange, code: keyof typeof PROBLEMS, message: string): void => {
  const { status } = PROBLEMS[code]
  if (status < 500) return
  exchange.services.log({
    message,
    'event.outcome': 'failure',
    'error.code': code,
    'http.response.status_code': status,
    ...identityOf(exchange),
  })
}

/** The line of a prediction, once the clock has moved: production clocks stand still until the answer is out. */
const logPrediction = async (exchange: Exchange, { model_name, model_version }: Prediction): Promise<void> => {
  const { services, stages } = exchange
  await services.timers.sleep(0)
  const duration = between(stages.start, services.clock.now())
  services.log({
    'log.level': 'info',
    message: 'predicted',
    'event.dataset': 'nearcast.prediction',
    'event.outcome': 'success',
    ...(duration.known ? { 'event.duration': Math.round(duration.milliseconds * NANOSECONDS) } : {}),
    'labels.model_name': model_name,
    'labels.model_version': model_version,
    ...identityOf(exchange),
  })
}

/** One line for a sample of the predictions; those that failed by our fault have one each, up to three of a request. */
export const logPredictions = (exchange: Exchange, outcomes: readonly PredictOutcome[]): void => {
  let failed = 0
  for (const outcome of outcomes) {
    if ('failure' in outcome) {
      const { code } = outcome.failure
      if (PROBLEMS[code].status >= 500 && ++failed <= 3) logFailure(exchange, code, `a prediction failed: ${code}`)
    } else if (exchange.services.isLogged()) {
      exchange.background(logPrediction(exchange, outcome.prediction), 'logging a prediction')
    }
  }
}
