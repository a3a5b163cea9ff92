/** What the log says of a request: which it was and how it ended, and nothing of who sent it or what. */
import type { LogFields } from '../core/log-entry.ts'
import { PROBLEMS } from '../protocol/problem.ts'
import { traceIds } from '../protocol/trace.ts'
import type { PredictOutcome } from '../serving/predict.ts'
import type { Exchange } from './exchange.ts'

/** Only paths of known words: a path that is nobody's may hold anything. */
const KNOWN_PATH = /^\/(?:v1|v2|admin)\/[\w./-]{1,200}$/

/** A new span for each line: 16 hexadecimal digits, not all of them zero. */
const spanId = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, 16)

const identityOf = ({ requestId, traceparent, path }: Exchange): Partial<LogFields> => {
  const trace = traceIds(traceparent)
  return {
    'http.request.id': requestId,
    ...(KNOWN_PATH.test(path) ? { 'url.path': path } : {}),
    ...(trace === null ? {} : { 'trace.id': trace.traceId, 'span.id': spanId() }),
  }
}

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

/** One line for a sample of the predictions; those that failed by our fault have one each, up to three of a request. */
export const logPredictions = (exchange: Exchange, outcomes: readonly PredictOutcome[]): void => {
  const { services } = exchange
  let failed = 0
  for (const outcome of outcomes) {
    if ('failure' in outcome) {
      const { code } = outcome.failure
      if (PROBLEMS[code].status >= 500 && ++failed <= 3) logFailure(exchange, code, `a prediction failed: ${code}`)
    } else if (services.isLogged()) {
      services.log({
        'log.level': 'info',
        message: 'predicted',
        'event.dataset': 'nearcast.prediction',
        'event.outcome': 'success',
        'labels.model_name': outcome.prediction.model_name,
        'labels.model_version': outcome.prediction.model_version,
        ...identityOf(exchange),
      })
    }
  }
}
