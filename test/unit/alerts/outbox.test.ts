/** Notifications arrive in order, are tried for an hour, and are kept when they are given up. */
import { expect, test } from 'vitest'
import type { AlertTransition } from '../../../src/core/alerts/advance.ts'
import {
  dueNotification,
  EMPTY_OUTBOX,
  OUTBOX_LIMITS,
  type Outbox,
  settleNotification,
  writeNotifications,
} from '../../../src/core/alerts/outbox.ts'

const told = (value: number): AlertTransition => ({
  name: 'NearcastStatisticsLost',
  severity: 'ticket',
  labels: {},
  value,
  to: 'firing',
  at: 0,
})

/** Tries what is due every second, from `from` to `to` in seconds; what was delivered, and the seconds of every try. */
const run = (start: Outbox, from: number, to: number, isUp: (second: number) => boolean) => {
  let outbox = start
  const [delivered, tries]: [number[], number[]] = [[], []]
  for (let second = from; second <= to; second++) {
    const due = dueNotification(outbox, second * 1000)
    if (due === null) continue
    tries.push(second)
    if (isUp(second)) delivered.push(due.transition.value)
    outbox = settleNotification(outbox, isUp(second), second * 1000, 0)
  }
  return { outbox, delivered, tries }
}

test('a receiver that is down for a while gets all, in order, tried ever less often', () => {
  const { outbox, delivered, tries } = run(
    writeNotifications(EMPTY_OUTBOX, [told(1), told(2)], 0),
    0,
    60,
    (at) => at > 30,
  )
  expect(tries.slice(0, 4)).toEqual([0, 5, 15, 35])
  expect(delivered).toEqual([1, 2])
  expect(outbox).toEqual(EMPTY_OUTBOX)
})

test('one that stays down for more than an hour leaves it undelivered, and later ones are delivered', () => {
  const { outbox, delivered } = run(writeNotifications(EMPTY_OUTBOX, [told(1)], 0), 0, 4_000, () => false)
  expect(delivered).toEqual([])
  expect(outbox.waiting).toEqual([])
  expect(outbox.undelivered.map(({ transition }) => transition.value)).toEqual([1])
  const later = run(writeNotifications(outbox, [told(2)], 5_000_000), 5_000, 5_001, () => true)
  expect(later.delivered).toEqual([2])
  expect(later.outbox.undelivered).toHaveLength(1)
})

test('both lists are bounded, and what is forgotten is counted', () => {
  const many = Array.from({ length: 350 }, (_, index) => told(index))
  const outbox = writeNotifications(EMPTY_OUTBOX, many, 0)
  expect(outbox.waiting.map(({ transition }) => transition.value)).toEqual(many.slice(150).map(({ value }) => value))
  expect([outbox.undelivered.length, outbox.forgotten]).toEqual([OUTBOX_LIMITS.undelivered, 50])
})
