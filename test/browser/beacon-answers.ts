/** What a page is given by the beacon: predictions and texts, under strict policies and other names too, without long tasks. */
import { createHash } from 'node:crypto'
import { expectThat } from '../support/checks.ts'
import { bodiesOf, expectAccepted, preflights, type Stage } from './beacon-stage.ts'

const predictionChecks = async ({ shop, proxy, check }: Stage): Promise<void> => {
  await check('a prediction is asked for without a preflight, and answered', async () => {
    const { page, leave } = await shop.visit('/')
    const answer = await page.evaluate(() =>
      window.nearcast.predict({ zipCode: '94107' }, { timeoutMilliseconds: 20_000, fallback: null }),
    )
    const probability = Number(answer?.outputs.late_probability)
    expectThat(probability > 0 && probability < 1 && answer?.zip === '94107', JSON.stringify(answer))
    expectThat(preflights(proxy) === 0, 'there was a preflight')
    await leave()
  })

  await check('an endpoint that hangs: the fallback comes in time, and the page is held up by nothing', async () => {
    proxy.behave(({ method }) => (method === 'POST' ? 'hang' : 'pass'))
    const { page, leave } = await shop.visit('/')
    const told = await page.evaluate(async () => {
      const from = performance.now()
      const answer = await window.nearcast.predict({}, { fallback: 'late' })
      const byDefault = performance.now() - from
      await window.nearcast.predict({}, { timeoutMilliseconds: 1_000 })
      return { answer, byDefault, longer: performance.now() - from - byDefault }
    })
    expectThat(told.answer === 'late', JSON.stringify(told))
    expectThat(told.byDefault >= 149 && told.longer >= 999, JSON.stringify(told))
    // Whoever waited for the network would wait for ever.
    expectThat(told.byDefault < 5_000 && told.longer < 5_000, JSON.stringify(told))
    await leave()
  })

  const bad = [
    ['500', { status: 500, body: '{"code":"internal"}' }],
    ['422', { status: 422, body: '{"code":"missing_time"}' }],
    ['an item error', { status: 200, body: '{"predictions":[{"index":0,"error":{}}]}' }],
    ['no predictions', { status: 200, body: '{"predictions":[]}' }],
    ['a page of a captive portal', { status: 200, body: '<html>Log in</html>' }],
    ['null', { status: 200, body: 'null' }],
    ['a connection that is cut', 'cut'],
  ] as const
  await check(`the fallback stands in for a bad answer: ${bad.map(([name]) => name).join(', ')}`, async () => {
    const { page, leave } = await shop.visit('/')
    for (const [name, behaviour] of bad) {
      proxy.behave(() => behaviour)
      const answer = await page.evaluate(() =>
        window.nearcast.predict({}, { fallback: 'none', timeoutMilliseconds: 20_000 }),
      )
      expectThat(answer === 'none', `${name}: ${JSON.stringify(answer)}`)
    }
    await leave()
  })

  await check(
    'texts are filled without code, one request for the same fields, and keep their own without an answer',
    async () => {
      shop.put('/texts', {
        body: `<b id="plain" data-nearcast-text="late_probability" data-nearcast-zip-code="94107">soon</b>
        <b id="percent" data-nearcast-text="late_probability" data-nearcast-format="percent" data-nearcast-zip-code="94107">soon</b>
        <b id="unknown" data-nearcast-text="nothing.such" data-nearcast-zip-code="10001">soon</b>`,
      })
      const { page, leave } = await shop.visit('/texts')
      await page.waitForFunction(() => document.getElementById('percent')?.textContent !== 'soon')
      const texts = await page.locator('b').allTextContents()
      const probability = Number(texts[0])
      expectThat(probability > 0 && probability < 1, texts.join())
      expectThat(texts[1] === `${Math.round(probability * 100)}%` && texts[2] === 'soon', texts.join())
      const asked = bodiesOf(proxy, '/v1/predict').map(({ events }) => events[0]?.zipCode)
      expectThat(asked.join() === '94107,10001', `asked for ${asked.join()}`)
      expectThat(bodiesOf(proxy).length === 0, 'texts alone track nothing')
      await leave()
    },
  )
}

const policyChecks = async ({ shop, proxy, check }: Stage): Promise<void> => {
  const filled = `<b data-nearcast-text="late_probability" data-nearcast-zip-code="94107">soon</b>`

  await check(
    'the strictest policy: script-src and connect-src name the worker, nothing inline, trusted types',
    async () => {
      const policy = `default-src 'none'; script-src ${proxy.origin}; connect-src ${proxy.origin}; require-trusted-types-for 'script'; trusted-types 'none'`
      shop.put('/strict', {
        tag: 'data-auto-capture',
        body: `${filled}<button data-nearcast="click">x</button>`,
        headers: { 'content-security-policy': policy },
      })
      const { page, leave } = await shop.visit('/strict', () => {
        document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
          // The favicon that Chromium asks for by itself.
          if (violatedDirective !== 'img-src') console.error(`violates ${violatedDirective}: ${blockedURI}`)
        })
      })
      await page.waitForFunction(() => document.querySelector('b')?.textContent !== 'soon')
      await page.click('button')
      await page.waitForFunction(() => window.nearcast.counts().queued === 2)
      await page.goto(`${shop.origin}/`)
      await expectAccepted(proxy, ['page_view', 'click'])
      await leave()
    },
  )

  await check('a page that isolates itself and checks integrity loads it', async () => {
    const script = await (await fetch(`${proxy.origin}/beacon.js`)).text()
    const hash = createHash('sha384').update(script).digest('base64')
    shop.put('/isolated', {
      tag: `integrity="sha384-${hash}" crossorigin="anonymous" data-auto-capture`,
      headers: {
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-opener-policy': 'same-origin',
      },
    })
    const { page, leave } = await shop.visit('/isolated')
    expectThat(await page.evaluate(() => crossOriginIsolated), 'the page is not isolated')
    await page.waitForFunction(() => window.nearcast.counts().queued === 1)
    await page.evaluate(() => window.nearcast.flush())
    await expectAccepted(proxy, ['page_view'])
    await leave()
  })

  await check('under another name, with paths of its own, and loaded twice', async () => {
    shop.put('/renamed', {
      tag: null,
      body: `<script defer src="${proxy.origin}/assets/shop.js" data-auto-capture data-predict-path="/v1/predict?features=false"></script>
        <script defer src="${proxy.origin}/assets/shop.js"></script>${filled}`,
    })
    const { page, leave } = await shop.visit('/renamed')
    await page.waitForFunction(() => document.querySelector('b')?.textContent !== 'soon')
    expectThat(
      proxy.requests.some(({ path }) => path === '/assets/shop-auto.js'),
      'the second script has another name',
    )
    expectThat(!proxy.requests.some(({ path }) => path.startsWith('/beacon')), 'its own name is used')
    const asked = proxy.requests.find(({ path }) => path === '/v1/predict')
    expectThat(asked?.query === 'features=false', `the query is ${asked?.query}`)
    await leave()
  })

  await check(
    'it causes no task over 50 ms: with a full queue, a full storage, a flush, and as the page is left',
    async () => {
      shop.put('/busy', { tag: 'data-auto-capture', body: filled.repeat(50) })
      let longest: readonly number[] = []
      // What the beacon causes is there each time; what a busy machine causes is not.
      for (let round = 0; round < 5 && !longest.includes(0); round++) {
        const { page, leave } = await shop.visit('/busy', () => {
          window.noted = { longest: 0 }
          new PerformanceObserver((list) => {
            for (const { duration } of list.getEntries())
              window.noted.longest = Math.max(Number(window.noted.longest), duration)
          }).observe({ type: 'longtask' })
        })
        await page.waitForFunction(() => document.querySelector('b')?.textContent !== 'soon')
        const most = await page.evaluate(async () => {
          // Of the start of the browser nothing is said.
          window.noted.longest = 0
          for (let number = 0; number < 2_000; number++) {
            window.nearcast.track('busy', { number, text: 'x'.repeat(200) })
            if (number % 50 === 0) await new Promise((resolve) => setTimeout(resolve))
          }
          await new Promise((resolve) => setTimeout(resolve, 500))
          await window.nearcast.flush()
          window.nearcast.track('last')
          dispatchEvent(new Event('pagehide'))
          await new Promise((resolve) => setTimeout(resolve, 500))
          const most = Number(window.noted.longest)
          const end = performance.now() + 120
          while (performance.now() < end);
          await new Promise((resolve) => setTimeout(resolve, 300))
          if (Number(window.noted.longest) < 100) throw new Error('the browser tells of no long task')
          return most
        })
        longest = [...longest, most]
        await leave()
      }
      expectThat(longest.includes(0), `the longest tasks took ${longest.join(', ')} ms`)
    },
  )
}

export const answerChecks = async (stage: Stage): Promise<void> => {
  await predictionChecks(stage)
  await policyChecks(stage)
}
