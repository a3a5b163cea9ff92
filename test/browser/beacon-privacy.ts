/** What the visitor and the browser may refuse: being followed, and storage. */
import { expectThat } from '../support/checks.ts'
import { acceptedEvents, expectAccepted, type Stage } from './beacon-stage.ts'

const signalGpc = (): void => {
  if (location.protocol === 'http:') {
    // Of a visit before the signal.
    localStorage.setItem('nearcast:0123456789abcdef', `0\n{"event_name":"old","createdDateTime":1731880381293}`)
    localStorage.setItem(
      'nearcast:fedcba9876543210',
      `${Date.now()}\n{"event_name":"old","createdDateTime":1731880381293}`,
    )
    sessionStorage.setItem('nearcast:', `["old",${Date.now()},${Date.now()},1,1]`)
  }
  Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })
}
const signalDnt = (): void => {
  Object.defineProperty(navigator, 'doNotTrack', { value: '1' })
}

const signalChecks = async ({ shop, proxy, check }: Stage): Promise<void> => {
  for (const [name, signal] of [
    ['Global Privacy Control', signalGpc],
    ['Do Not Track', signalDnt],
  ] as const) {
    await check(`${name}: nothing is stored or kept, nothing is sent, predictions are the fallback`, async () => {
      shop.put('/silent', { tag: 'data-auto-capture', body: '<b data-nearcast-text="late_probability">soon</b>' })
      const { page, leave } = await shop.visit('/silent', signal)
      const told = await page.evaluate(async () => {
        window.nearcast.init({ autoCapture: true })
        window.nearcast.track('secret')
        const answer = await window.nearcast.predict({ zipCode: '94107' }, { fallback: 'none' })
        await window.nearcast.flush()
        dispatchEvent(new Event('pagehide'))
        return { answer, stored: localStorage.length + sessionStorage.length, counts: window.nearcast.counts() }
      })
      await page.reload()
      const nothing = { answer: 'none', stored: 0, counts: { queued: 0, sent: 0, dropped: 0 } }
      expectThat(JSON.stringify(told) === JSON.stringify(nothing), JSON.stringify(told))
      const paths = new Set(proxy.requests.map(({ path }) => path))
      expectThat([...paths].join() === '/beacon.js', `it asked for ${[...paths].join()}`)
      expectThat((await page.textContent('b')) === 'soon', 'a text was filled')
      await leave()
    })
  }

  await check('a signal that comes later silences it from then on', async () => {
    const { page, leave } = await shop.visit('/')
    await page.evaluate(async () => {
      window.nearcast.track('before')
      await window.nearcast.flush()
      Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })
      window.nearcast.track('after')
      await window.nearcast.flush()
    })
    await expectAccepted(proxy, ['before'])
    await leave()
  })

  await check('respectPrivacySignals: false is the choice of the site', async () => {
    shop.put('/heedless', { tag: 'data-respect-privacy-signals="false"' })
    const { page, leave } = await shop.visit('/heedless', signalGpc)
    await page.evaluate(async () => {
      window.nearcast.track('followed')
      await window.nearcast.flush()
    })
    await expectAccepted(proxy, ['followed', 'old'])
    await leave()
  })

  await check('data-manual waits for init, as after consent', async () => {
    shop.put('/consent', { tag: 'data-manual', body: '<b data-nearcast-text="late_probability">soon</b>' })
    const { page, leave } = await shop.visit('/consent')
    const before = await page.evaluate(async () => {
      window.nearcast.track('too early')
      return [await window.nearcast.predict({}, { fallback: 'none' }), localStorage.length + sessionStorage.length]
    })
    expectThat(before.join() === 'none,0', before.join())
    expectThat(
      proxy.requests.every(({ path }) => path === '/beacon.js'),
      'it asked before it was started',
    )
    await page.evaluate(async (endpoint) => {
      window.nearcast.init({ endpoint })
      window.nearcast.track('agreed')
      await window.nearcast.flush()
    }, proxy.origin)
    await expectAccepted(proxy, ['agreed'])
    await page.waitForFunction(() => document.querySelector('b')?.textContent !== 'soon')
    await leave()
  })
}

const storageChecks = async ({ shop, proxy, check }: Stage): Promise<void> => {
  await check('storage that is blocked: it works, and forgets', async () => {
    const { page, leave } = await shop.visit('/', () => {
      for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('The request was denied', 'SecurityError')
          },
        })
    })
    await page.evaluate(async () => {
      window.nearcast.track('one')
      await window.nearcast.flush()
      window.nearcast.track('two')
    })
    await page.goto('about:blank')
    await expectAccepted(proxy, ['one', 'two'])
    expectThat(new Set(acceptedEvents(proxy).map(({ session_id }) => session_id)).size === 1, 'two sessions')
    await leave()
  })

  await check('storage that is full: it works from memory, and leaves to the page what is the page’s', async () => {
    const { page, leave } = await shop.visit('/')
    await page.evaluate(async () => {
      for (let length = 1_000_000; length >= 1; length = Math.floor(length / 2)) {
        try {
          for (let number = 0; ; number++) localStorage.setItem(`filler-${length}-${number}`, 'x'.repeat(length))
        } catch {
          // Full for this length.
        }
      }
      window.noted = { before: localStorage.length }
      window.nearcast.track('one')
      await new Promise((resolve) => setTimeout(resolve, 500))
    })
    expectThat(
      await page.evaluate(() => localStorage.length === window.noted.before && localStorage.length > 4),
      'the storage has changed',
    )
    await page.goto('about:blank')
    await expectAccepted(proxy, ['one'])
    await leave()
  })

  await check('storage that the page fills with rubbish, or clears: nothing is thrown, nothing is lost', async () => {
    const { page, leave } = await shop.visit('/', () => {
      if (location.protocol !== 'http:') return
      sessionStorage.setItem('nearcast:', '{"a":1')
      localStorage.setItem('nearcast:rubbish', '\n\u0000\n{"half":')
      localStorage.setItem('nearcast:', '')
    })
    await page.evaluate(async () => {
      window.nearcast.track('one')
      await new Promise((resolve) => setTimeout(resolve, 500))
      localStorage.clear()
      sessionStorage.clear()
      window.nearcast.track('two')
      await window.nearcast.flush()
    })
    await expectAccepted(proxy, ['one', 'two'])
    await leave()
  })
}

export const privacyChecks = async (stage: Stage): Promise<void> => {
  await signalChecks(stage)
  await storageChecks(stage)
}
