/** Reports what became of predictions, by their receipts: by the rules where they know it, else by a throw of the dice. */
import { z } from 'zod'
import { drawDeliveredDay } from '../../training/delivery/transit.ts'
import type { PlannedRequest } from '../../training/traffic/traffic.ts'
import type { Answered } from './send.ts'
import { DELIVERY_OUTPUT } from './write-orders.ts'

/** Reports of so many outcomes at once, one report under way: what comes meanwhile waits. */
const BATCH = 200
/** What waits beyond this is not reported: the deployment takes less than it is sent. */
const MOST_WAITING = 20_000

const predictionSchema = z.object({
  receipt: z.string(),
  outputs: z.record(
    z.string(),
    z.union([
      z.number(),
      z.object({ labels: z.array(z.union([z.string(), z.number()])), probabilities: z.array(z.number()) }),
    ]),
  ),
})

const answerSchema = z.object({
  accepted: z.int(),
  counted: z.int(),
  repeated: z.int(),
  rejected: z.array(z.unknown()),
})

export interface OutcomeLine {
  readonly receipt: string
  readonly output: string
  readonly value: number | boolean | string
}

export interface ReportedOutcomes {
  readonly reported: number
  readonly counted: number
  readonly repeated: number
  readonly rejected: number
  /** They could not be reported. */
  readonly lost: number
}

/** The label in which a throw of the dice ends, if each has its chance. */
const drawLabel = (
  labels: readonly (string | number)[],
  shares: readonly number[],
  chance: number,
): string | number => {
  let left = chance
  const at = shares.findIndex((share) => {
    left -= share
    return left < 0
  })
  return labels[at < 0 ? labels.length - 1 : at]
}

/**
 * What is said to have become of a prediction. `delivery_days` has the truth of the rules it was made up by; of another distribution and
 * of a probability the dice decide with the chances that were foretold, so they are right by what they are drawn from; values have no outcome.
 */
export const outcomesOf = ({ shipment, chance }: PlannedRequest, body: string): OutcomeLine[] => {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return []
  }
  const read = predictionSchema.safeParse(json)
  if (!read.success) return []
  const { receipt, outputs } = read.data
  return Object.entries(outputs).flatMap(([output, told], index): OutcomeLine[] => {
    const throwOf = (chance + index * 0.618_034) % 1
    if (typeof told === 'number') return told >= 0 && told <= 1 ? [{ receipt, output, value: throwOf < told }] : []
    if (output !== DELIVERY_OUTPUT)
      return [{ receipt, output, value: drawLabel(told.labels, told.probabilities, throwOf) }]
    return shipment === null ? [] : [{ receipt, output, value: drawDeliveredDay(shipment, throwOf) }]
  })
}

export class OutcomeSender {
  readonly #waiting: OutcomeLine[] = []
  #work: Promise<void> | null = null
  #sums: ReportedOutcomes = { reported: 0, counted: 0, repeated: 0, rejected: 0, lost: 0 }

  constructor(
    private readonly target: URL,
    private readonly token: string,
    private readonly deadlineMilliseconds: number,
  ) {}

  take({ request, status, body }: Answered): void {
    if (status !== 200) return
    const lines = outcomesOf(request, body)
    const room = Math.max(0, MOST_WAITING - this.#waiting.length)
    this.#waiting.push(...lines.slice(0, room))
    this.#add({ lost: Math.max(0, lines.length - room) })
    if (this.#waiting.length >= BATCH && this.#work === null) this.#start()
  }

  /** Reports what waits; never rejects. */
  async finish(): Promise<ReportedOutcomes> {
    await this.#work
    while (this.#waiting.length > 0) await this.#report()
    return this.#sums
  }

  #start(): void {
    const work = async (): Promise<void> => {
      while (this.#waiting.length >= BATCH) await this.#report()
    }
    this.#work = work().finally(() => {
      this.#work = null
    })
  }

  #add(more: Partial<ReportedOutcomes>): void {
    const { reported, counted, repeated, rejected, lost } = this.#sums
    this.#sums = {
      reported: reported + (more.reported ?? 0),
      counted: counted + (more.counted ?? 0),
      repeated: repeated + (more.repeated ?? 0),
      rejected: rejected + (more.rejected ?? 0),
      lost: lost + (more.lost ?? 0),
    }
  }

  async #report(): Promise<void> {
    const lines = this.#waiting.splice(0, BATCH)
    try {
      const response = await fetch(this.target, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/x-ndjson' },
        body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
        redirect: 'error',
        signal: AbortSignal.timeout(this.deadlineMilliseconds),
      })
      const { accepted, counted, repeated, rejected } = answerSchema.parse(await response.json())
      this.#add({ reported: accepted, counted, repeated, rejected: rejected.length })
    } catch {
      this.#add({ lost: lines.length })
    }
  }
}
