/** From the ports that events are stored through to the desk of those that were given up. */
import type { Clock } from '../core/clock.ts'
import type { ReceiptRules } from '../core/event/settle-time.ts'
import { EventStore } from '../serving/intake/store-events.ts'
import { DeadLetterDesk } from '../serving/letters/dead-letters.ts'
import { LetterReplayer } from '../serving/letters/replay-letters.ts'
import type { Timers } from '../serving/ports.ts'
import type { EventPorts } from './assemble-ingest.ts'
import type { Services } from './services.ts'

export interface LettersAssembly {
  readonly config: { readonly MAX_BODY_BYTES: number; readonly MAX_EVENTS: number }
  readonly rules: ReceiptRules
  readonly clock: Clock
  readonly timers: Timers
  readonly randomId: () => string
  readonly random: () => number
}

export const assembleLetters = (
  ports: EventPorts | undefined,
  parts: LettersAssembly,
): Pick<Services, 'deadLetters'> => {
  if (ports?.deadLetters === undefined) return {}
  const { queue, objects, deadLetters: letters } = ports
  const { config, rules, clock, timers, randomId, random } = parts
  const limits = { maxBodyBytes: config.MAX_BODY_BYTES, maxEvents: config.MAX_EVENTS }
  const store = new EventStore({ queue, objects, clock, timers, randomId, random })
  const replayer = new LetterReplayer({ letters, objects, store, rules, limits, clock })
  return { deadLetters: new DeadLetterDesk({ letters, objects, replayer, clock }) }
}
