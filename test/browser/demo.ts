/** Looks at /demo of a running worker, with the network cut to that worker: both models, what moved them, the beacon, the dashboard that moves. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { ROOT } from '../../bench/root.ts'
import { check, endChecks, expectThat } from '../support/checks.ts'
import { close, expectAccessible } from './expect-page.ts'
import { type OpenBrowser, type OpenPage, openBrowser, type View } from './open-browser.ts'
import { serveWorker } from './served-worker.ts'

const REPORTS = join(ROOT, 'reports')
const WIDE: View = { width: 1_280, height: 1_000 }
const PHONE: View = { width: 320, height: 640 }
const WAIT_MILLISECONDS = 40_000
const LONGEST_TASK_MILLISECONDS = 50

const NOTE_LONG_FRAMES = `
globalThis.longScripts = []
new PerformanceObserver((list) => {
  for (const { scripts } of list.getEntries())
    for (const { sourceURL, duration, invoker } of scripts) longScripts.push({ sourceURL, duration, invoker })
}).observe({ type: 'long-animation-frame', buffered: true })`

interface LongScript {
  readonly sourceURL: string
  readonly duration: number
  readonly invoker: string
}

/** Opens the page and waits for both answers; what is asked of another host is refused, and noted. */
const openDemo = async (
  browser: OpenBrowser,
  origin: string,
  view: View,
  foreign: string[] = [],
): Promise<OpenPage> => {
  const opened = await browser.open(origin, view)
  const { page } = opened
  page.setDefaultTimeout(WAIT_MILLISECONDS)
  await page.context().route(
    (url) => url.origin !== origin && url.protocol !== 'data:',
    (route) => {
      foreign.push(route.request().url())
      return route.abort()
    },
  )
  await page.addInitScript(NOTE_LONG_FRAMES)
  await page.goto(`${origin}/demo`)
  await answered(page)
  return opened
}

const answered = async (page: Page): Promise<void> => {
  for (const panel of ['days', 'late']) await page.waitForSelector(`#${panel}-details details`, { state: 'attached' })
}

const textOf = async (page: Page, selector: string): Promise<string> => (await page.textContent(selector)) ?? ''

const runChecks = async (browser: OpenBrowser, origin: string): Promise<void> => {
  await check(
    '/demo: both models answer, with what moved them, where the time went, and the whole answer',
    async () => {
      const foreign: string[] = []
      const opened = await openDemo(browser, origin, WIDE, foreign)
      const { page } = opened
      expectThat(
        /arrives in \d+ days?; nine times in ten within \d+ days?/.test(await textOf(page, '#days-words')),
        'no days',
      )
      expectThat(/with a probability of \d+(\.\d)?%/.test(await textOf(page, '#late-words')), 'no probability')
      expectThat((await textOf(page, '#days-title')).includes('synthetic'), 'the made-up model has no badge')
      for (const panel of ['days', 'late']) {
        const captions = (await page.locator(`#${panel}-details caption`).allTextContents()).join('; ')
        for (const told of ['What moved it away from the average', 'until the answer was here', 'Features of'])
          expectThat(captions.includes(told), `${panel}: ${captions}`)
        const whole = JSON.parse(await textOf(page, `#${panel}-details pre`)) as {
          outputs: Record<string, number | { probabilities: number[] }>
          explanation: { base: number; contributions: Record<string, number> }
        }
        const sum = Object.values(whole.explanation.contributions).reduce(
          (all, one) => all + one,
          whole.explanation.base,
        )
        const [output] = Object.values(whole.outputs)
        const value =
          typeof output === 'number' ? output : output.probabilities.reduce((all, p, day) => all + p * day, 0)
        expectThat(Math.abs(sum - value) < 1e-5, `${panel}: the explanation sums to ${sum}, the output is ${value}`)
      }
      expectThat((await page.locator('#days-details .distribution rect').count()) === 15, 'not every day has a bar')
      expectThat(foreign.length === 0, `asked elsewhere: ${foreign.join()}`)
      await page.screenshot({ path: join(REPORTS, 'demo.png'), fullPage: true })
      await close(opened)
    },
  )

  await check(
    '/demo: another zip, typed, is another answer; the beacon tells of a click; the strip of the dashboard moves',
    async () => {
      const opened = await openDemo(browser, origin, WIDE)
      const { page } = opened
      const before = await textOf(page, '#days-details pre')
      await page.fill('#zip', '10001')
      await page.waitForFunction((was) => document.querySelector('#days-details pre')?.textContent !== was, before)
      expectThat(
        (await textOf(page, '#days-details pre')).includes('"zip": "10001"'),
        'it is not of the zip that was typed',
      )
      await page.click('[data-nearcast-sku=lamp]')
      // What waits is sent after five seconds: the page view and the click.
      await page.waitForFunction(() =>
        /has sent [2-9]/.test(document.getElementById('beacon-words')?.textContent ?? ''),
      )
      await page.waitForFunction(() =>
        /^[1-9]\d* predictions/.test(document.getElementById('live-words')?.textContent ?? ''),
      )
      await page.waitForFunction(() => /^\d/.test(document.querySelector('[data-nearcast-text]')?.textContent ?? ''))
      const long = (await page.evaluate('longScripts')) as readonly LongScript[]
      const ofBeacon = long.filter(
        ({ sourceURL, duration }) => sourceURL.includes('/beacon') && duration > LONGEST_TASK_MILLISECONDS,
      )
      expectThat(ofBeacon.length === 0, `the beacon held the page up: ${JSON.stringify(ofBeacon)}`)
      await close(opened)
    },
  )

  await check('/demo: a zip that is none says so, and a worker that does not answer too', async () => {
    const opened = await openDemo(browser, origin, WIDE)
    const { page } = opened
    await page.fill('#zip', '00000')
    await page.waitForFunction(() =>
      document.querySelector('#late-details .note')?.textContent?.includes('zip malformed'),
    )
    await page.context().route('**/v1/predict**', (route) => route.abort())
    await page.click('#where button')
    await page.waitForFunction(() => document.getElementById('days-words')?.textContent?.startsWith('No answer'))
    await opened.close()
  })

  for (const [name, view, scheme] of [
    ['wide and light', WIDE, 'light'],
    ['wide and dark', WIDE, 'dark'],
    ['on a phone of 320 px', PHONE, 'light'],
  ] as const)
    await check(`/demo: axe-core finds nothing, ${name}, and nothing scrolls sideways`, async () => {
      const opened = await openDemo(browser, origin, view)
      const { page } = opened
      await page.emulateMedia({ colorScheme: scheme })
      await page.locator('#days-details summary').click()
      await expectAccessible(page)
      const width = (await page.evaluate('document.documentElement.scrollWidth')) as number
      expectThat(width <= view.width, `the page is ${width} px wide`)
      await page.screenshot({ path: join(REPORTS, `demo-${view.width}-${scheme}.png`), fullPage: true })
      await close(opened)
    })

  await check('/demo: stands at / for a browser, and can be used by keyboard alone', async () => {
    const opened = await browser.open(origin, WIDE)
    const { page } = opened
    page.setDefaultTimeout(WAIT_MILLISECONDS)
    await page.goto(`${origin}/`)
    await answered(page)
    await page.focus('#zip')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('60601')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() =>
      document.querySelector('#late-details pre')?.textContent?.includes('"zip": "60601"'),
    )
    await close(opened)
  })
}

mkdirSync(REPORTS, { recursive: true })
const served = await serveWorker({ PREDICT_DEADLINE_MILLISECONDS: '30000' }, { hasAssets: true })
const browser = await openBrowser()
try {
  await runChecks(browser, served.origin)
} finally {
  await browser.close()
  await served.remove()
}
endChecks('browser')
