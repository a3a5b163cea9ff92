/** What becomes of events: networks and workers that fail, and many at once. */
import { setTimeout as pause } from 'node:timers/promises'
import { expectThat } from '../support/checks.ts'
import {
  acceptedEvents,
  bodiesOf,
  expectAccepted,
  expectArchived,
  isEvents,
  type Stage,
  showPage,
  until,
} from './beacon-stage.ts'

const failingChecks = async ({ shop, proxy, check }: Stage): Promise<void> => {
  await check('offline and back: what happened meanwhile arrives once', async () => {
    const { context, page, leave } = await shop.visit('/')
    await context.setOffline(true)
    await page.evaluate(async () => {
      for (let number = 0; number < 25; number++) window.nearcast.track(`offline-${number}`)
      await window.nearcast.flush()
    })
    await page.evaluate(showPage, true)
    await page.evaluate(showPage, false)
    expectThat(!proxy.requests.some(isEvents), 'something got through')
    const counts = await page.evaluate(() => window.nearcast.counts())
    expectThat(counts.queued === 25 && counts.sent === 0 && counts.dropped === 0, JSON.stringify(counts))
    await context.setOffline(false)
    await expectAccepted(
      proxy,
      Array.from({ length: 25 }, (_, number) => `offline-${number}`),
    )
    await leave()
  })

  await check('an endpoint that is gone: the events outlive the page, and the next one sends them', async () => {
    proxy.behave((request) => (isEvents(request) ? 'cut' : 'pass'))
    const { page, leave } = await shop.visit('/')
    await page.evaluate(async () => {
      window.nearcast.track('kept')
      await window.nearcast.flush()
    })
    await page.reload()
    await page.evaluate(() => window.nearcast.track('later'))
    expectThat((await page.evaluate(() => window.nearcast.counts().queued)) === 2, 'it is not taken over')
    proxy.behave(() => 'pass')
    await page.evaluate(() => window.nearcast.flush())
    await expectAccepted(proxy, ['kept', 'later'])
    expectThat((await page.evaluate(() => Object.keys(localStorage).length)) <= 1, 'keys are left behind')
    await leave()
  })

  await check('503 is tried again, later each time, and arrives once', async () => {
    let refused = 0
    proxy.behave((request) => (isEvents(request) && refused++ < 2 ? { status: 503 } : 'pass'))
    const { page, leave } = await shop.visit('/')
    await page.evaluate(async () => {
      window.nearcast.track('again')
      await window.nearcast.flush()
    })
    await expectAccepted(proxy, ['again'])
    const ids = bodiesOf(proxy).map(({ events }) => events[0]?.event_id)
    expectThat(ids.length === 3 && new Set(ids).size === 1, `sent as ${ids.join()}`)
    const at = bodiesOf(proxy).map(({ sent_at }) => sent_at)
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    expectThat((pauses[0] ?? 0) >= 1_000 && (pauses[1] ?? 0) >= 2_000, `pauses of ${pauses.join(', ')} ms`)
    await leave()
  })

  await check('a flush waits for the answer to what is on its way already', async () => {
    proxy.behave((request) => (isEvents(request) ? 'slow' : 'pass'))
    const { page, leave } = await shop.visit('/')
    const counts = await page.evaluate(async () => {
      window.nearcast.track('slow')
      window.nearcast.flush()
      await window.nearcast.flush()
      return window.nearcast.counts()
    })
    expectThat(counts.sent === 1 && counts.queued === 0, JSON.stringify(counts))
    await leave()
  })

  await check('a fetch that the page broke, and mends: what waited is sent', async () => {
    const { page, leave } = await shop.visit('/')
    await page.evaluate(async () => {
      const { fetch } = window
      window.fetch = undefined as never
      window.nearcast.track('kept')
      await window.nearcast.flush()
      window.fetch = fetch
    })
    await expectAccepted(proxy, ['kept'])
    await leave()
  })

  await check('429 waits as long as Retry-After says, whoever asks for more', async () => {
    let isRefused = false
    proxy.behave((request) => {
      if (!isEvents(request) || isRefused) return 'pass'
      isRefused = true
      return { status: 429, headers: { 'retry-after': '4' } }
    })
    const { page, leave } = await shop.visit('/')
    await page.evaluate(async () => {
      window.nearcast.track('limited')
      for (let tries = 0; tries < 20; tries++) await window.nearcast.flush()
    })
    expectThat(bodiesOf(proxy).length === 1, 'it did not wait')
    await expectAccepted(proxy, ['limited'])
    const [first, second] = bodiesOf(proxy)
    expectThat((second?.sent_at ?? 0) - (first?.sent_at ?? 0) >= 4_000, 'it came too soon')
    await leave()
  })

  await check('400 is dropped and counted, and what comes after it is sent', async () => {
    let isRefused = false
    proxy.behave((request) => {
      if (!isEvents(request) || isRefused) return 'pass'
      isRefused = true
      return { status: 400 }
    })
    const { page, leave } = await shop.visit('/')
    const counts = await page.evaluate(async () => {
      window.nearcast.track('refused')
      await window.nearcast.flush()
      window.nearcast.track('good')
      await window.nearcast.flush()
      return window.nearcast.counts()
    })
    expectThat(counts.dropped === 1 && counts.sent === 1 && counts.queued === 0, JSON.stringify(counts))
    await expectAccepted(proxy, ['good'])
    await leave()
  })

  await check('one item that the worker could not store is sent again, alone', async () => {
    let isFirst = true
    proxy.behave((request) => {
      if (!isEvents(request) || !isFirst) return 'pass'
      isFirst = false
      const rejected = [
        { index: 0, retryable: false },
        { index: 1, retryable: true },
      ]
      return { status: 202, body: JSON.stringify({ accepted: 1, rejected }) }
    })
    const { page, leave } = await shop.visit('/')
    await page.evaluate(async () => {
      for (const name of ['bad', 'unlucky', 'stored']) window.nearcast.track(name)
      await window.nearcast.flush()
    })
    await expectAccepted(proxy, ['unlucky'])
    const counts = await page.evaluate(() => window.nearcast.counts())
    expectThat(counts.dropped === 1 && counts.sent === 2 && counts.queued === 0, JSON.stringify(counts))
    await leave()
  })
}

const EVENTS = 10_000

const manyChecks = async ({ shop, proxy, check }: Stage, worker: string): Promise<void> => {
  await check('10,000 events at once: each is archived once, or counted as dropped', async () => {
    const { page, leave } = await shop.visit('/')
    await page.evaluate((events) => {
      for (let number = 0; number < events; number++) window.nearcast.track('burst', { number })
    }, EVENTS)
    const counts = () => page.evaluate(() => window.nearcast.counts())
    await until(
      async () => (await counts()).queued === 0,
      () => 'it does not come to an end',
      60,
    )
    const { sent, dropped } = await counts()
    const ids = acceptedEvents(proxy).map(({ event_id }) => event_id)
    expectThat(sent + dropped === EVENTS && sent >= 1_000, `${sent} sent, ${dropped} dropped`)
    expectThat(ids.length === sent && new Set(ids).size === sent, `${ids.length} accepted of ${sent}`)
    await expectArchived(worker, new Set(ids))
    console.log(`     ${sent} sent, ${dropped} dropped`)
    const largest = Math.max(...proxy.requests.filter(isEvents).map(({ body }) => Buffer.byteLength(body)))
    expectThat(largest <= 65_536, `a body of ${largest} bytes`)
    await leave()
  })

  await check('10,000 events in quick succession, none too many at once: every one is archived once', async () => {
    const { page, leave } = await shop.visit('/')
    await page.evaluate(async (events) => {
      for (let number = 0; number < events; ) {
        for (const end = number + 50; number < end; number++) window.nearcast.track('stream', { number })
        do await new Promise((resolve) => setTimeout(resolve, 5))
        while (window.nearcast.counts().queued > 500)
      }
      await window.nearcast.flush()
    }, EVENTS)
    const counts = await page.evaluate(() => window.nearcast.counts())
    expectThat(counts.sent === EVENTS && counts.dropped === 0, JSON.stringify(counts))
    const ids = new Set(acceptedEvents(proxy).map(({ event_id }) => event_id))
    expectThat(ids.size === EVENTS, `${ids.size} were accepted`)
    await expectArchived(worker, ids)
    await leave()
  })

  await check('the queue is bounded while nothing can be sent: the oldest are dropped and counted', async () => {
    proxy.behave((request) => (isEvents(request) ? 'cut' : 'pass'))
    shop.put('/small', { tag: 'data-queue-events="30"' })
    const { page, leave } = await shop.visit('/small')
    await page.evaluate(async () => {
      window.nearcast.track('too large', { text: 'x'.repeat(60_000) })
      for (let number = 0; number < 100; number++) window.nearcast.track(`bounded-${number}`)
    })
    await pause(600)
    const { queued, dropped, sent } = await page.evaluate(() => window.nearcast.counts())
    expectThat(queued + dropped === 101 && sent === 0, `${queued} queued, ${dropped} dropped`)
    expectThat(queued === 30, `${queued} wait`)
    proxy.behave(() => 'pass')
    await expectAccepted(
      proxy,
      Array.from({ length: 30 }, (_, number) => `bounded-${number + 70}`),
    )
    await leave()
  })

  await check('large events fill localStorage to 256 KiB and no further', async () => {
    proxy.behave((request) => (isEvents(request) ? 'cut' : 'pass'))
    const { page, leave } = await shop.visit('/')
    await page.evaluate(() => {
      for (let number = 0; number < 60; number++) window.nearcast.track('large', { text: 'é'.repeat(5_000) })
    })
    await pause(600)
    const stored = await page.evaluate(() => new Blob(Object.values(localStorage)).size)
    expectThat(stored > 200_000 && stored <= 262_144 + 60_000, `${stored} bytes are stored`)
    await leave()
  })
}

export const deliveryChecks = async (stage: Stage, worker: string): Promise<void> => {
  await failingChecks(stage)
  await manyChecks(stage, worker)
}
