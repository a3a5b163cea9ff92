/** What becomes of events when their page is hidden, left or closed, and with two tabs. */
import { setTimeout as pause } from 'node:timers/promises'
import { expectThat } from '../support/checks.ts'
import {
  acceptedEvents,
  expectAccepted,
  expectArchived,
  isEvents,
  type Stage,
  showPage,
  until,
} from './beacon-stage.ts'

const leavingChecks = async ({ shop, proxy, check }: Stage, worker: string): Promise<void> => {
  await check('a page that is hidden hands over what waits at once, and goes on when it is seen', async () => {
    const { page, leave } = await shop.visit('/')
    await page.evaluate(() => window.nearcast.track('before'))
    await page.evaluate(showPage, true)
    await expectAccepted(proxy, ['before'], 3)
    await page.evaluate(() => window.nearcast.track('hidden'))
    await page.evaluate(showPage, false)
    await page.evaluate(() => window.nearcast.flush())
    await expectAccepted(proxy, ['before', 'hidden'])
    await leave()
  })

  await check('a tab that is closed loses nothing', async () => {
    const { context, page, leave } = await shop.visit('/')
    await context.newPage()
    await page.evaluate(() => {
      for (let number = 0; number < 10; number++) window.nearcast.track(`closing-${number}`)
    })
    await page.close()
    await expectAccepted(
      proxy,
      Array.from({ length: 10 }, (_, number) => `closing-${number}`),
    )
    await leave()
  })

  await check('a tab that is closed while the worker has not answered: sent twice perhaps, archived once', async () => {
    proxy.behave((request) => (isEvents(request) ? 'slow' : 'pass'))
    const { context, page, leave } = await shop.visit('/')
    await page.evaluate(() => {
      window.nearcast.track('in-flight')
      void window.nearcast.flush()
    })
    await until(
      () => proxy.requests.some(isEvents),
      () => 'nothing is under way',
    )
    const next = await context.newPage()
    await page.close()
    proxy.behave(() => 'pass')
    await next.goto(`${shop.origin}/`)
    await next.evaluate(() => window.nearcast.flush())
    const ids = () => new Set(acceptedEvents(proxy).map(({ event_id }) => event_id))
    await until(
      () => acceptedEvents(proxy).length === 2,
      () => 'the next page does not send it again',
    )
    expectThat(ids().size === 1, 'it is another event')
    await expectArchived(worker, ids())
    await leave()
  })

  await check('the back-forward cache: each event once, and the page that comes back goes on', async () => {
    shop.put('/next', {})
    const { page, leave } = await shop.visit('/')
    await page.evaluate(() => {
      window.noted = { marked: true }
      window.nearcast.track('first')
    })
    await page.goto(`${shop.origin}/next`)
    await page.evaluate(() => window.nearcast.track('second'))
    await page.goBack({ waitUntil: 'commit' })
    await page.waitForFunction(() => window.noted?.marked === true)
    await page.evaluate(async () => {
      window.nearcast.track('third')
      await window.nearcast.flush()
    })
    await expectAccepted(proxy, ['first', 'second', 'third'])
    const views = acceptedEvents(proxy).map(({ session }) => session.page_views)
    expectThat(views.join() === '1,2,2' || views.join() === '1,2,1', `page views are ${views.join()}`)
    await leave()
  })
}

const tabChecks = async ({ shop, proxy, check }: Stage): Promise<void> => {
  await check('two tabs send their own, each once', async () => {
    const { context, page, leave } = await shop.visit('/')
    const other = await context.newPage()
    await other.goto(`${shop.origin}/`)
    const names = ['left', 'right'].flatMap((tab) => Array.from({ length: 60 }, (_, number) => `${tab}-${number}`))
    await Promise.all(
      [page, other].map((tab, index) =>
        tab.evaluate(
          async (mine) => {
            for (const name of mine) {
              window.nearcast.track(name)
              await new Promise((resolve) => setTimeout(resolve, 5))
            }
            await window.nearcast.flush()
          },
          names.slice(index * 60, index * 60 + 60),
        ),
      ),
    )
    await expectAccepted(proxy, names)
    await leave()
  })

  await check('a tab takes over what another has left, once, and the other does not send it too', async () => {
    proxy.behave((request) => (isEvents(request) ? 'cut' : 'pass'))
    const { context, page, leave } = await shop.visit('/')
    await page.evaluate(async () => {
      window.nearcast.track('left-behind')
      await window.nearcast.flush()
    })
    await page.evaluate(showPage, true)
    const other = await context.newPage()
    await other.goto(`${shop.origin}/`)
    expectThat((await other.evaluate(() => window.nearcast.counts().queued)) === 1, 'it is not taken over')
    await page.evaluate(showPage, false)
    await page.evaluate(() => window.nearcast.track('own'))
    expectThat((await page.evaluate(() => window.nearcast.counts().queued)) === 1, 'both have it')
    proxy.behave(() => 'pass')
    await other.evaluate(() => window.nearcast.flush())
    await expectAccepted(proxy, ['left-behind', 'own'])
    await leave()
  })

  await check('a tab that is in use keeps its events, and one that died is inherited after ten minutes', async () => {
    proxy.behave((request) => (isEvents(request) ? 'cut' : 'pass'))
    const { context, page, leave } = await shop.visit('/')
    await page.evaluate(async () => {
      window.nearcast.track('in-use')
      await window.nearcast.flush()
      const event = JSON.stringify({
        event_id: crypto.randomUUID(),
        event_name: 'inherited',
        createdDateTime: 1731880381293,
      })
      localStorage['nearcast:dead'] = `${Date.now() - 601_000}\n${event}\nno event`
      localStorage['nearcast:alive'] = `${Date.now() - 500_000}\n${event}`
      localStorage.another = '0\n{}'
    })
    await pause(400)
    const other = await context.newPage()
    await other.goto(`${shop.origin}/`)
    expectThat((await other.evaluate(() => window.nearcast.counts().queued)) === 1, 'not just one is taken over')
    proxy.behave(() => 'pass')
    await other.evaluate(() => window.nearcast.flush())
    await expectAccepted(proxy, ['in-use', 'inherited'])
    expectThat((await other.evaluate(() => localStorage.another)) === '0\n{}', 'it touched what is not its own')
    await leave()
  })
}

export const leavingAndTabChecks = async (stage: Stage, worker: string): Promise<void> => {
  await leavingChecks(stage, worker)
  await tabChecks(stage)
}
