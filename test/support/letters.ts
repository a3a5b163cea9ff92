/** Dead letters for tests, and an object of them that misbehaves on demand around one that works. */
import type { DeadLetters, NewDeadLetter } from '../../src/serving/ports/dead-letters.ts'
import type { CallFault } from './faulty-registry.ts'

const encoder = new TextEncoder()

export const utf8 = (value: unknown): Uint8Array =>
  encoder.encode(typeof value === 'string' ? value : JSON.stringify(value))

/** A letter of the public with `payload` as JSON; its id is a new one. */
export const letterOf = (payload: unknown, more: Partial<NewDeadLetter> = {}): NewDeadLetter => ({
  id: crypto.randomUUID(),
  isPublic: true,
  stage: 'read',
  code: 'missing_time',
  message: 'no time',
  path: 'createdDateTime',
  event: null,
  model: 'late-arrival',
  modelVersion: null,
  codeVersion: 'code-1',
  payload: { bytes: utf8(payload), isCut: false },
  receivedAt: 1_731_880_400_000,
  sentAt: null,
  edgeZip: null,
  isBot: false,
  failedAt: 1_731_880_400_000,
  attempts: 0,
  ...more,
})

/** `hangs`: nothing is done, and nothing heard. */
export type LetterFault = CallFault | 'hangs'

export const faultyLetters = (real: DeadLetters, faultOf: (method: keyof DeadLetters) => LetterFault): DeadLetters => {
  const around = async <T>(method: keyof DeadLetters, call: () => Promise<T>): Promise<T> => {
    const fault = faultOf(method)
    if (fault === 'hangs') return new Promise<never>(() => {})
    if (fault === 'before') throw new Error('the call did not get there')
    const reply = await call()
    if (fault === 'after') throw new Error('the reply was lost')
    return reply
  }
  return {
    keep: (...call) => around('keep', () => real.keep(...call)),
    count: (...call) => around('count', () => real.count(...call)),
    list: (...call) => around('list', () => real.list(...call)),
    totals: (...call) => around('totals', () => real.totals(...call)),
    look: (...call) => around('look', () => real.look(...call)),
    get: (...call) => around('get', () => real.get(...call)),
    begin: (...call) => around('begin', () => real.begin(...call)),
    move: (...call) => around('move', () => real.move(...call)),
    discard: (...call) => around('discard', () => real.discard(...call)),
  }
}
