/** What a page does with the beacon: its events, page views and marked elements, and what it may give or break. */
import { expectThat } from '../support/checks.ts'
import { acceptedEvents, bodiesOf, expectAccepted, preflights, type Stage, until } from './beacon-stage.ts'

const eventChecks = async ({ shop, proxy, check }: Stage): Promise<void> => {
  await check('one tag: an event says what it should and nothing more, without a preflight', async () => {
    shop.put('/cart', { tag: `data-fields='{"zipCode":"94107"}'` })
    const { page, leave } = await shop.visit('/cart?customer=ada@example.com#secret')
    await page.evaluate(async () => {
      await window.nearcast.predict({ cart: { value: 40 } }, { timeoutMilliseconds: 20_000 })
      window.nearcast.track('add_to_cart', { sku: 'A1', cart: { value: 40 } })
      await window.nearcast.flush()
      // The browser tells how long it took a moment later.
      await new Promise((resolve) => setTimeout(resolve, 500))
      window.nearcast.track('buy')
      await window.nearcast.flush()
    })
    await expectAccepted(proxy, ['add_to_cart', 'buy'])
    const [event, second] = acceptedEvents(proxy)
    const { event_id = '', createdDateTime = 0, session_id = '', session, ...rest } = event ?? { session: undefined }
    expectThat(/^[0-9a-f-]{36}$/.test(event_id) && /^[0-9a-f]{32}$/.test(session_id), `${event_id} ${session_id}`)
    expectThat(Math.abs(Date.now() - createdDateTime) < 30_000, `it happened at ${createdDateTime}`)
    const said = { event_name: 'add_to_cart', page_path: '/cart', zipCode: '94107', sku: 'A1', cart: { value: 40 } }
    expectThat(JSON.stringify(rest) === JSON.stringify(said), `it says ${JSON.stringify(rest)}`)
    expectThat(session?.page_views === 1 && session.events === 1, JSON.stringify(session))
    expectThat(second?.session.events === 2 && second.session_id === session_id, JSON.stringify(second))
    const [body, later] = bodiesOf(proxy)
    expectThat(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/.test(body?.traceparent ?? ''), 'no trace')
    const timings = [...(body?.timings ?? []), ...(later?.timings ?? [])]
    const routes = timings.map(({ route }) => route).sort()
    expectThat(routes.join() === '/v1/events,/v1/predict', `timings of ${routes.join()}`)
    expectThat(
      timings.every(({ milliseconds }) => milliseconds > 0 && milliseconds < 20_000),
      JSON.stringify(timings),
    )
    const posts = proxy.requests.filter(({ method }) => method === 'POST')
    expectThat(posts.length === 3 && preflights(proxy) === 0, `${posts.length} posts, ${preflights(proxy)} preflights`)
    for (const { headers, body: text } of posts) {
      expectThat(headers['content-type'] === 'text/plain;charset=UTF-8', `sent as ${headers['content-type']}`)
      expectThat(headers.cookie === undefined && headers.traceparent === undefined, 'more headers than need be')
      expectThat(!/ada@|secret|Mozilla|Chrome/.test(text), text)
    }
    expectThat((await page.evaluate(() => document.cookie)) === '', 'there is a cookie')
    await leave()
  })

  await check('the session goes on from page to page in its tab, and counts their views', async () => {
    const { context, page, leave } = await shop.visit('/')
    await page.evaluate(() => window.nearcast.track('one'))
    await page.reload()
    await page.evaluate(() => window.nearcast.track('two'))
    await page.goto(`${shop.origin}/cart`)
    await page.evaluate(() => window.nearcast.track('three'))
    const other = await context.newPage()
    await other.goto(`${shop.origin}/`)
    await other.evaluate(() => window.nearcast.track('apart'))
    for (const tab of [page, other]) await tab.evaluate(() => window.nearcast.flush())
    await expectAccepted(proxy, ['one', 'two', 'three', 'apart'])
    const of = (name: string) => acceptedEvents(proxy).find(({ event_name }) => event_name === name)
    const views = ['one', 'two', 'three', 'apart'].map((name) => of(name)?.session.page_views)
    const events = ['one', 'two', 'three', 'apart'].map((name) => of(name)?.session.events)
    expectThat(views.join() === '1,2,3,1' && events.join() === '1,2,3,1', `${views.join()} and ${events.join()}`)
    expectThat(of('one')?.session_id === of('three')?.session_id, 'the session changed')
    expectThat(of('one')?.session_id !== of('apart')?.session_id, 'two tabs share a session')
    await leave()
  })

  await check('the header traceparent is sent where it is asked for, and costs a preflight', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    shop.put('/traced', { tag: `data-traceparent="${trace}" data-traceparent-header` })
    const { page, leave } = await shop.visit('/traced')
    await page.evaluate(async () => {
      window.nearcast.track('traced')
      await window.nearcast.flush()
    })
    await expectAccepted(proxy, ['traced'])
    expectThat(preflights(proxy) === 1, `${preflights(proxy)} preflights`)
    const post = proxy.requests.find(({ method }) => method === 'POST')
    expectThat(post?.headers.traceparent === trace && bodiesOf(proxy)[0]?.traceparent === trace, 'another trace')
    await leave()
  })

  await check('nothing is thrown into the page, whatever it gives or breaks', async () => {
    const { page, leave } = await shop.visit('/')
    const told = await page.evaluate(async () => {
      const { nearcast } = window
      const cyclic: Record<string, unknown> = {}
      cyclic.self = cyclic
      const throwing = {
        get field() {
          throw new Error('mine')
        },
      }
      const odd = [cyclic, throwing, { big: 10n }, null, 7, 'text', [1], Symbol('s'), () => 1] as never[]
      for (const fields of odd) nearcast.track('odd', fields)
      for (const name of [undefined, null, {}, Symbol('s')] as never[]) nearcast.track(name)
      nearcast.init(null as never)
      nearcast.init({ endpoint: 'http://[' })
      const good = await nearcast.predict({ zipCode: '94107' }, { timeoutMilliseconds: 20_000 })
      const answers: unknown[] = [good === undefined ? 'none' : 'good']
      for (const fields of odd.slice(0, 3)) answers.push(await nearcast.predict(fields, { fallback: 'none' }))
      answers.push(await nearcast.predict({}, null as never))
      for (const broken of [undefined, () => 1, () => Promise.reject(new Error('mine'))] as never[]) {
        window.fetch = broken
        answers.push(await nearcast.predict({}, { fallback: 'none' }))
        await nearcast.flush()
      }
      window.fetch = () => new Promise(() => {})
      answers.push(await nearcast.predict({}, { fallback: 'none' }))
      Object.defineProperty(navigator, 'sendBeacon', { value: undefined })
      dispatchEvent(new Event('pagehide'))
      return answers
    })
    expectThat(told.filter((answer) => answer === 'none').length === 7, JSON.stringify(told))
    await leave()
  })
}

const captureChecks = async ({ shop, proxy, check }: Stage): Promise<void> => {
  const body = `<button data-nearcast="add_to_cart" data-nearcast-sku="A1" data-nearcast-list-price="19.90"><i id="icon">+</i></button>
    <form data-nearcast="search" data-nearcast-where="top"><input name="q"><button>Go</button></form><p>nothing</p>`
  await check('page views and marked elements are tracked without code, in single-page applications too', async () => {
    shop.put('/app', { tag: 'data-auto-capture', body })
    const { page, leave } = await shop.visit('/app')
    const queued = (count: number) => page.waitForFunction((many) => window.nearcast.counts().queued === many, count)
    await queued(1)
    await page.click('#icon')
    await page.click('p')
    await page.evaluate(() => {
      document.querySelector('form')?.addEventListener('submit', (event) => event.preventDefault())
    })
    await page.click('form button')
    await queued(3)
    await page.evaluate(() => history.pushState({}, '', '/app/product?ref=mail'))
    await queued(4)
    await page.evaluate(() => history.replaceState({}, '', '/app/product?ref=none'))
    await page.evaluate(() => history.back())
    await queued(5)
    await page.evaluate(() => window.nearcast.flush())
    await expectAccepted(proxy, ['page_view', 'add_to_cart', 'search', 'page_view', 'page_view'])
    const told = acceptedEvents(proxy).map(({ event_name, page_path, session }) =>
      [event_name, page_path, session.page_views].join(' '),
    )
    expectThat(
      told.join() === 'page_view /app 1,add_to_cart /app 1,search /app 1,page_view /app/product 2,page_view /app 3',
      told.join(),
    )
    const { sku, listPrice } = acceptedEvents(proxy)[1] ?? {}
    expectThat(sku === 'A1' && listPrice === '19.90' && acceptedEvents(proxy)[2]?.where === 'top', 'fields are missing')
    await leave()
  })

  await check('without the Navigation API it follows the History API', async () => {
    const { page, leave } = await shop.visit('/app', () => {
      Object.defineProperty(window, 'navigation', { value: undefined })
    })
    const queued = (count: number) => page.waitForFunction((many) => window.nearcast.counts().queued === many, count)
    await queued(1)
    await page.evaluate(() => history.pushState({}, '', '/app/a'))
    await queued(2)
    await page.evaluate(() => history.replaceState({}, '', '/app/b'))
    await queued(3)
    await page.evaluate(() => history.go(-1))
    await queued(4)
    await leave()
    await until(
      () => proxy.requests.length > 0,
      () => 'nothing was asked',
    )
  })

  await check('a page that comes back from the cache is a view again', async () => {
    const { page, leave } = await shop.visit('/app')
    await page.waitForFunction(() => window.nearcast.counts().queued === 1)
    await page.goto(`${shop.origin}/`)
    await page.goBack({ waitUntil: 'commit' })
    await page.waitForFunction(() => window.nearcast?.counts().sent + window.nearcast?.counts().queued === 2)
    await page.evaluate(() => window.nearcast.flush())
    await expectAccepted(proxy, ['page_view', 'page_view'])
    await leave()
  })
}

export const pageChecks = async (stage: Stage): Promise<void> => {
  await eventChecks(stage)
  await captureChecks(stage)
}
