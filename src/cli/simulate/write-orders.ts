/** Writes made-up orders as events, and what became of them as outcomes, each a line. */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { instantOfLocal } from '../../core/event/local-instant.ts'
import { localCalendarAt } from '../../core/time/zones.ts'
import { makeOrders, type Order } from '../../training/delivery/orders.ts'
import { civilPlaces } from '../../training/places.ts'
import { UsageError } from '../command.ts'
import { type MessageStream, startProgress } from '../train/progress.ts'
import { readZips } from '../train/read-zips.ts'
import type { OrdersOptions } from './read-options.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** On the clocks of the customer; the rules tell days, not hours. */
const DELIVERY_HOUR = 15
export const DELIVERY_OUTPUT = 'delivery_days'

const idOf = (seed: number, number: number): string => `order-${seed}-${number}`

const eventLine = ({ epochMilliseconds, from, to }: Order, seed: number, number: number): string =>
  `${JSON.stringify({
    event_id: idOf(seed, number),
    createdDateTime: epochMilliseconds,
    zipCode: to.zip,
    shipFromZip: from.zip,
    session_id: `s-${seed}-${number}`,
  })}\n`

/** In the afternoon of the day it came. */
const deliveredAt = ({ epochMilliseconds, to, deliveredDay }: Order): number | undefined => {
  const local = localCalendarAt(to.timeZone, epochMilliseconds)
  if (local === undefined) return undefined
  const day = Math.floor((epochMilliseconds + local.utcOffsetHours * HOUR) / DAY) + deliveredDay
  return instantOfLocal(to.timeZone, day * DAY + DELIVERY_HOUR * HOUR)
}

const outcomeLine = (order: Order, seed: number, number: number): string =>
  `${JSON.stringify({
    id: idOf(seed, number),
    output: DELIVERY_OUTPUT,
    value: order.deliveredDay,
    occurred_at: deliveredAt(order),
  })}\n`

/** Under its own name only once it is whole. Throws a UsageError where it cannot be written. */
const writeLines = async (file: string, lines: Iterable<string>): Promise<void> => {
  const part = `${file}.${process.pid}.part`
  try {
    await pipeline(Readable.from(lines), createWriteStream(part))
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    throw new UsageError(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function* linesOf(
  orders: readonly Order[],
  line: (order: Order, number: number) => string,
  onShare: (share: number) => void,
): Generator<string> {
  for (const [number, order] of orders.entries()) {
    if (number % 1_000 === 0) onShare(number / orders.length)
    yield line(order, number)
  }
}

export interface WrittenOrders {
  readonly orders: number
  readonly from: string
  readonly to: string
  readonly mean_days: number
}

/** The events to `output`, and to `outcomes`, where it is named, what became of them. The same options write the same bytes. */
export const writeOrders = async (options: OrdersOptions, stream: MessageStream): Promise<WrittenOrders> => {
  const { seed, output, outcomes } = options
  const places = civilPlaces(readZips(options.zips).packs)
  const orders = ((): Order[] => {
    try {
      return makeOrders({ ...options, places })
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(`--from, --to: ${error.message}`)
      throw error
    }
  })()
  const writing = startProgress(stream, 'writing orders')
  const files = outcomes === undefined ? 1 : 2
  await writeLines(
    output,
    linesOf(
      orders,
      (order, number) => eventLine(order, seed, number),
      (share) => writing.update(share / files),
    ),
  )
  if (outcomes !== undefined) {
    const line = (order: Order, number: number): string => outcomeLine(order, seed, number)
    await writeLines(
      outcomes,
      linesOf(orders, line, (share) => writing.update((1 + share) / 2)),
    )
  }
  writing.done(
    `${orders.length} orders in ${output}${outcomes === undefined ? '' : `, what became of them in ${outcomes}`}`,
  )
  const iso = (order: Order): string => new Date(order.epochMilliseconds).toISOString()
  return {
    orders: orders.length,
    from: iso(orders[0]),
    to: iso(orders[orders.length - 1]),
    mean_days: orders.reduce((sum, { deliveredDay }) => sum + deliveredDay, 0) / orders.length,
  }
}
