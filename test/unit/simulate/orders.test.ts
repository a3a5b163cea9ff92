/** `nearcast simulate --orders`: events, and what became of them, as the routes take them. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { command } from '../../../src/cli/commands/simulate.ts'
import { readEvent } from '../../../src/core/event/read-event.ts'
import { localCalendarAt } from '../../../src/core/time/zones.ts'
import { outcomeSchema } from '../../../src/protocol/outcomes.ts'
import { isOpenDay } from '../../../src/training/delivery/open-days.ts'
import { runCommand } from '../../support/command-output.ts'
import { placeAt } from '../delivery/made-up-orders.ts'

const scratch = mkdtempSync(join(tmpdir(), 'nearcast-orders-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const write = async (name: string, ...flags: string[]) => {
  const [output, outcomes] = [join(scratch, `${name}.ndjson`), join(scratch, `${name}-outcomes.ndjson`)]
  const ran = await runCommand(command, ['--orders', '300', '--output', output, '--outcomes', outcomes, ...flags])
  return { ...ran, events: readFileSync(output, 'utf8'), outcomes: readFileSync(outcomes, 'utf8') }
}
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('simulate --orders', () => {
  it('writes events and outcomes that belong together, and says what it wrote', async () => {
    const { code, stdout, events, outcomes } = await write('a')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ orders: 300, mean_days: expect.any(Number) })
    const [orders, ends] = [linesOf(events), linesOf(outcomes)]
    expect([orders.length, ends.length]).toEqual([300, 300])
    for (const [at, order] of orders.entries()) {
      expect(Object.keys(order)).toEqual(['event_id', 'createdDateTime', 'zipCode', 'shipFromZip', 'session_id'])
      const event = readEvent(order, { now: () => 0 })
      expect(event.id).toBe(order.event_id)
      expect(event.unit).toBe(order.session_id)
      const end = outcomeSchema.parse(ends[at]) as { id: string; output: string; value: number; occurred_at: number }
      expect(end).toMatchObject({ id: order.event_id, output: 'delivery_days' })
      expect(end.value).toBeGreaterThanOrEqual(0)
      expect(end.value).toBeLessThanOrEqual(14)
      const { timeZone } = placeAt(order.zipCode)
      const dayOf = (instant: number): number =>
        Math.floor((instant + (localCalendarAt(timeZone, instant)?.utcOffsetHours ?? 0) * 3_600_000) / 86_400_000)
      expect(dayOf(end.occurred_at) - dayOf(order.createdDateTime)).toBe(end.value)
      if (end.value < 14) expect(isOpenDay(dayOf(end.occurred_at))).toBe(true)
    }
  })

  it('writes the same bytes for the same seed, and others for another', async () => {
    const [first, again, other] = [await write('b'), await write('c'), await write('d', '--seed', '2')]
    expect([again.events, again.outcomes]).toEqual([first.events, first.outcomes])
    expect(other.events).not.toBe(first.events)
  })

  it('keeps to the days that are asked for', async () => {
    const { events } = await write('e', '--from', '2026-11-01', '--to', '2026-11-02')
    for (const { createdDateTime, zipCode } of linesOf(events))
      expect(localCalendarAt(placeAt(zipCode).timeZone, createdDateTime)).toMatchObject({ dayOfYear: 305 })
  })

  it('leaves nothing half written where it cannot write', async () => {
    const output = join(scratch, 'none', 'a.ndjson')
    await expect(command.run(['--orders', '10', '--output', output])).rejects.toThrow(UsageError)
    expect(existsSync(output)).toBe(false)
    expect(readdirSync(scratch).filter((name) => name.endsWith('.part'))).toEqual([])
  })
})
