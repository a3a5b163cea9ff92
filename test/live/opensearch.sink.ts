/** A worker's `POST /v1/events`, as unreliable as one may be. */
import { type Sink, startSink as startSinkWith, takeAll } from '../unit/elasticsearch/sink.ts'

export interface EventSink extends Pick<Sink, 'url' | 'close'> {
  /** Ids that were accepted, in order. */
  readonly accepted: string[]
  /** Answers by status; 0 for a connection that was cut. */
  readonly answers: Map<number, number>
}

/** Every fourth request is refused with 429, every fifth with 503, every sixth cut before it is accepted. */
export const startSink = async (): Promise<EventSink> => {
  const accepted: string[] = []
  const answers = new Map<number, number>()
  const sink = await startSinkWith((ids, request) => {
    const status = request % 4 === 0 ? 429 : request % 5 === 0 ? 503 : request % 6 === 0 ? 0 : 202
    answers.set(status, (answers.get(status) ?? 0) + 1)
    if (status !== 202) return { status, headers: { 'retry-after': '0' } }
    accepted.push(...ids)
    return takeAll(ids)
  })
  return { ...sink, accepted, answers }
}
