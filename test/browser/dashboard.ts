/**
 * Looks at the pages of a running worker with a real Chromium, as people do: keyboard, themes, a phone, a server that goes away; last at /docs. `node
 * test/browser/dashboard.ts` wants Debian's `chromium`: .ci/browser. Screenshots go to reports/.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { ROOT } from '../../bench/root.ts'
import { SECRETS } from '../../bench/worker.ts'
import { driftSchema } from '../../src/protocol/drift.ts'
import { check, endChecks, expectThat } from '../support/checks.ts'
import { lookAtApiDocs } from './api-docs.ts'
import { close, expectAccessible } from './expect-page.ts'
import { type OpenBrowser, type OpenPage, openBrowser, type View } from './open-browser.ts'
import { type ServedWorker, serveWorker } from './served-worker.ts'
import { reportOutcomes, sendFor, sendOnce } from './traffic.ts'

const REPORTS = join(ROOT, 'reports')
const WIDE: View = { width: 1_280, height: 1_000 }
const PHONE: View = { width: 320, height: 640 }
const WAIT_MILLISECONDS = 40_000
const CHARTS = ['traffic', 'errors', 'latency', 'zips']

const shot = (page: Page, name: string): Promise<unknown> =>
  page.screenshot({ path: join(REPORTS, `dashboard-${name}.png`), fullPage: true })

/** Opens the dashboard with the token given, and waits until every chart has points. */
const openWithData = async (browser: OpenBrowser, origin: string, view: View): Promise<OpenPage> => {
  const opened = await browser.open(origin, view)
  const { page } = opened
  page.setDefaultTimeout(WAIT_MILLISECONDS)
  await page.goto(`${origin}/dashboard`)
  await page.fill('#token', SECRETS.READ_TOKEN)
  await page.press('#token', 'Enter')
  for (const id of CHARTS)
    await page.waitForSelector(`#${id} .plot[data-points]:not([data-points="0"])`, { state: 'attached' })
  return opened
}

const liveness = (page: Page, kind: string): Promise<unknown> => page.waitForSelector(`body[data-liveness=${kind}]`)

/** Colours of the first line of the chart of traffic, somewhere on its canvas; and the page's own back. */
const backOf = (page: Page): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)

/** As a server tells them; what is told must not become HTML. */
const SHARE = { share: 0, expected_share: 0, p: 1, adjusted_p: 1, least: 0.1 }
const DRIFT_SERIES = {
  ...{ kind: 'continuous', events: 1_000, coverage: 1, bins: { edges: [30, 40] }, missing: SHARE, new_values: null },
  sizes: { current: 1_000, reference: 1_000, current_effective: 900, reference_effective: 900 },
}
/** As `GET /v1/drift` answers, with what the browser could take for markup. */
const DRIFT = driftSchema.parse({
  ...{ evaluated_at: 1731877200000, stale: false },
  versions: [
    {
      ...{ model_name: 'late-arrival', model_version: '1.0.0', reason: null },
      windows: [
        {
          ...{ name: '24h', hours: 24, until: 1731877200000 },
          series: [
            {
              ...DRIFT_SERIES,
              ...{
                role: 'output',
                name: 'late_probability',
                kind: 'score',
                verdict: 'too_few',
                status: null,
                since: null,
              },
              ...{ causes: [], current: null, expected: null, shift: null },
            },
            {
              ...DRIFT_SERIES,
              ...{ role: 'field', name: '<b>latitude</b>', verdict: 'drifted', status: 'drifted', causes: ['shape'] },
              ...{ since: 1731880381293, current: [0.7, 0.2, 0.1], expected: [0.2, 0.3, 0.5] },
              shift: {
                ...{ test: 'kolmogorov_smirnov', statistic: 0.5, p: 0.0001, adjusted_p: 0.0001 },
                effect: { name: 'jensen_shannon', value: 0.3, least: 0.1 },
                shown: {
                  kolmogorov_smirnov: { statistic: 0.5, p: 0.0001, added_error: 0 },
                  chi_square: { statistic: 9, p: 0.0001, degrees: 2 },
                  g: { statistic: 9, p: 0.0001, degrees: 2 },
                  ...{ jensen_shannon: 0.3, wasserstein: 0.9, circular_wasserstein: null },
                  ...{ population_stability: 0.6, cramers_v: 0.4 },
                },
              },
            },
          ],
        },
      ],
    },
  ],
})
const ALERTS = {
  alerts: [
    { name: 'NearcastUnknownZips', severity: 'ticket', state: 'pending', labels: {}, value: 0.2, since: 1731880381293 },
    {
      name: 'NearcastErrorBudgetBurn',
      severity: 'page',
      state: 'firing',
      labels: { window: '1h' },
      value: 0.5,
      since: 1731880381293,
    },
  ],
}

const runChecks = async (browser: OpenBrowser, served: ServedWorker): Promise<void> => {
  const { origin } = served

  await check('asks for the token, asks again when it is wrong, and keeps it for the tab only', async () => {
    const opened = await browser.open(origin, WIDE)
    const { page } = opened
    page.setDefaultTimeout(WAIT_MILLISECONDS)
    await page.goto(`${origin}/dashboard`)
    await liveness(page, 'locked')
    expectThat(await page.isHidden('#charts'), 'the charts show without a token')
    expectThat(await page.evaluate(() => document.activeElement?.id === 'token'), 'the field of the token has no focus')
    await expectAccessible(page)
    await page.keyboard.type('not-the-token-of-this')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.getElementById('door-note')?.textContent?.includes('refused'))
    await page.keyboard.type(SECRETS.READ_TOKEN)
    await page.keyboard.press('Enter')
    await liveness(page, 'live')
    await page.reload()
    await liveness(page, 'live')
    const kept = await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie, location.href])
    expectThat(kept[0] === 1 && kept[1] === 0 && kept[2] === '', `stored: ${JSON.stringify(kept)}`)
    expectThat(!String(kept[3]).includes(SECRETS.READ_TOKEN), 'the token stands in the address')
    await page.click('#forget')
    await liveness(page, 'locked')
    await close(opened)
  })

  await check('shows traffic, errors, latency and zips of what was sent, and goes on without a reload', async () => {
    const opened = await openWithData(browser, origin, WIDE)
    const { page } = opened
    const legend = (await page.textContent('#traffic .legend')) ?? ''
    expectThat(legend.includes('late-arrival 1.0.0') && legend.includes('accepted for later'), `traffic: ${legend}`)
    expectThat(
      ((await page.textContent('#errors .legend')) ?? '').includes('missing_time'),
      'missing_time is not drawn',
    )
    expectThat(((await page.textContent('#latency .legend')) ?? '').includes('1.0.0 p99'), 'no p99 is drawn')
    const before = await page.getAttribute('#as-of', 'datetime')
    await sendOnce(origin)
    await page.waitForFunction((at) => document.getElementById('as-of')?.getAttribute('datetime') !== at, before)
    expectThat(/^\d/.test((await page.textContent('#tile-predictions')) ?? ''), 'no count of predictions')
    expectThat((await page.textContent('#tile-letters')) === '0', 'dead letters are not counted')
    const drawn = await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('#traffic canvas')
      const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
      // Blue enough for the first line in the light theme.
      let blue = 0
      for (let i = 0; i < pixels.length; i += 4)
        if ((pixels[i + 2] ?? 0) - (pixels[i] ?? 0) > 120 && (pixels[i + 3] ?? 0) > 200) blue++
      return blue
    })
    expectThat(drawn > 20, `only ${drawn} points of the canvas are of the line`)
    await page.waitForSelector('#stages tbody tr')
    const stages = (await page.locator('#stages tbody th').allTextContents()).join(' ')
    expectThat(stages.includes('infer') && stages.includes('total'), `stages: ${stages}`)
    await shot(page, 'light')
    await close(opened)
  })

  await check(
    'gaps are gaps: before the first count nothing is drawn, and the table says that it is not known',
    async () => {
      const opened = await openWithData(browser, origin, WIDE)
      const { page } = opened
      expectThat(Number(await page.getAttribute('#traffic .plot', 'data-gaps')) >= 1, 'no gap is known')
      expectThat(
        ((await page.textContent('#traffic figcaption')) ?? '').includes('Nothing is known of'),
        'no words say so',
      )
      const toggle = page.locator('#traffic button')
      await toggle.focus()
      await page.keyboard.press('Enter')
      expectThat((await toggle.getAttribute('aria-expanded')) === 'true', 'the table is not told as open')
      const cells = await page.locator('#traffic tbody td:first-of-type').allTextContents()
      expectThat(cells.includes('not known'), 'no cell is unknown')
      expectThat(
        cells.some((cell) => /^[\d.,]+\/s$/.test(cell)),
        `no cell is a rate: ${cells.slice(0, 5).join(' ')}`,
      )
      await page.keyboard.press('Enter')
      expectThat(await page.isHidden('#traffic-table'), 'the table does not go')
      await close(opened)
    },
  )

  await check('ranges are switched by the keyboard, and kept in the address', async () => {
    const opened = await openWithData(browser, origin, WIDE)
    const { page } = opened
    await page.focus('input[name=range]:checked')
    for (const range of ['1h', '24h', '7d', '30d']) {
      const answered = page.waitForResponse((response) => response.url().endsWith(`range=${range}`))
      await page.keyboard.press('ArrowRight')
      expectThat((await answered).ok(), `${range} is not answered`)
      await page.waitForSelector('#traffic .plot[data-points]:not([data-points="0"])', { state: 'attached' })
      expectThat((await page.evaluate(() => location.hash)) === `#${range}`, `the address does not say ${range}`)
    }
    await shot(page, '30d')
    await page.reload()
    await liveness(page, 'live')
    expectThat(await page.isChecked('input[value="30d"]'), 'the range is forgotten at a reload')
    await close(opened)
  })

  await check('marks the change of a release on the time line, and lists it', async () => {
    const opened = await openWithData(browser, origin, WIDE)
    const { page } = opened
    const admin = { method: 'POST', headers: { authorization: `Bearer ${SECRETS.ADMIN_TOKEN}` } }
    const held = await fetch(`${origin}/admin/models/late-arrival/release`, {
      ...admin,
      body: JSON.stringify({ command: 'hold', reason: 'a look' }),
    })
    expectThat(held.ok, `the release answers ${held.status}: ${await held.text()}`)
    await page.waitForSelector('#traffic .plot[data-marks="1"]', { state: 'attached' })
    expectThat(
      ((await page.textContent('#releases')) ?? '').includes('late-arrival: hold, by an operator'),
      'it is not listed',
    )
    await shot(page, 'release')
    await close(opened)
  })

  await check('shows how right the predictions were', async () => {
    await reportOutcomes(origin, SECRETS.WRITE_TOKEN)
    const opened = await openWithData(browser, origin, WIDE)
    const { page } = opened
    await page.waitForSelector('#accuracy .calibration')
    const figures = (await page.textContent('#accuracy')) ?? ''
    expectThat(figures.includes('late_probability of late-arrival 1.0.0') && figures.includes('Brier'), figures)
    await page.waitForFunction(() => document.querySelector('#accuracy h3 .tag')?.textContent === 'synthetic')
    const headings = await page.locator('#accuracy h3').allTextContents()
    expectThat(
      headings.filter((text) => text.endsWith('synthetic')).join() === 'delivery_days of delivery-days 1.0.0 synthetic',
      headings.join(),
    )
    await close(opened)
  })

  await check('shows drift with both distributions, and alerts, the gravest first', async () => {
    const opened = await browser.open(origin, WIDE)
    const { page } = opened
    page.setDefaultTimeout(WAIT_MILLISECONDS)
    for (const [path, json] of Object.entries({ '/v1/drift': DRIFT, '/v1/alerts': ALERTS }))
      await page.route(`${origin}${path}`, (route) => route.fulfill({ json }))
    await page.goto(`${origin}/dashboard`)
    await page.fill('#token', SECRETS.READ_TOKEN)
    await page.press('#token', 'Enter')
    await page.waitForSelector('#drift svg.bars')
    expectThat((await page.locator('#drift svg.bars rect').count()) === 6, 'not every bin of both sides is drawn')
    const words = (await page.textContent('#drift')) ?? ''
    expectThat(words.startsWith('1 of 2 fields and outputs have drifted') && words.includes('<b>'), words)
    const label = (await page.getAttribute('#drift svg.bars', 'aria-label')) ?? ''
    expectThat(label.includes('3 bins; the greatest difference is in bin 1: 70% now, 20% in the reference'), label)
    const alerts = await page.locator('#alerts li').allTextContents()
    expectThat(alerts[0]?.startsWith('firing page NearcastErrorBudgetBurn') ?? false, alerts.join(' | '))
    await expectAccessible(page)
    await shot(page, 'drift')
    await close(opened)
  })

  for (const scheme of ['light', 'dark'] as const) {
    await check(`axe-core finds nothing in the ${scheme} theme, with tables open`, async () => {
      const opened = await openWithData(browser, origin, { ...WIDE, colorScheme: scheme })
      const { page } = opened
      await page.waitForSelector('#accuracy .calibration')
      for (const id of CHARTS) await page.click(`#${id} button`)
      await expectAccessible(page)
      await shot(page, scheme === 'light' ? 'tables' : 'dark')
      await close(opened)
    })
  }

  await check('follows the theme of the system until the reader chooses, and remembers that', async () => {
    const opened = await openWithData(browser, origin, { ...WIDE, colorScheme: 'dark' })
    const { page } = opened
    const dark = await backOf(page)
    await page.emulateMedia({ colorScheme: 'light' })
    const light = await backOf(page)
    expectThat(dark !== light, 'dark and light look alike')
    await page.focus('#theme')
    await page.selectOption('#theme', 'dark')
    expectThat((await backOf(page)) === dark, 'the choice changes nothing')
    await page.reload()
    await liveness(page, 'live')
    expectThat((await backOf(page)) === dark, 'the choice is forgotten')
    await close(opened)
  })

  await check('fits a phone of 320 px, with tables open: nothing scrolls sideways', async () => {
    const opened = await openWithData(browser, origin, PHONE)
    const { page } = opened
    for (const id of CHARTS) await page.click(`#${id} button`)
    await page.waitForSelector('#accuracy .calibration')
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expectThat(width <= PHONE.width, `the page is ${width} px wide`)
    await expectAccessible(page)
    await shot(page, 'phone')
    await close(opened)
  })

  await check('nothing moves while it is read', async () => {
    const opened = await openWithData(browser, origin, WIDE)
    const { page } = opened
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value
          }).observe({ type: 'layout-shift', buffered: false })
          setTimeout(() => resolve(sum), 6_000)
        }),
    )
    expectThat(shift < 0.02, `the layout shifted by ${shift}`)
    await close(opened)
  })

  await check('a worker that is gone: the page says since when, asks more seldom, and recovers by itself', async () => {
    const opened = await openWithData(browser, origin, WIDE)
    const { page } = opened
    const asked: number[] = []
    page.on('request', (request) => {
      if (request.url().includes('/v1/stats/series')) asked.push(Date.now())
    })
    await served.stop()
    await liveness(page, 'silent')
    const words = (await page.textContent('#liveness')) ?? ''
    expectThat(/^No answer since \d\d:\d\d:\d\d: it cannot be reached/.test(words), words)
    await shot(page, 'no-answer')
    asked.length = 0
    await page.waitForTimeout(16_000)
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0))
    expectThat(asked.length >= 1 && asked.length <= 4, `it asked ${asked.length} times in 16 s`)
    expectThat(
      pauses.every((pause) => pause > 4_000),
      `pauses of ${pauses.join(', ')} ms`,
    )
    await served.start()
    await liveness(page, 'live')
    await sendFor(origin, 2)
    await page.waitForFunction(() => /^\d/.test(document.getElementById('tile-rate')?.textContent ?? ''))
    await close(opened)
  })

  await check('while nobody looks it asks for nothing, and is live again at once', async () => {
    const opened = await openWithData(browser, origin, WIDE)
    const { page } = opened
    const hide = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
        document.dispatchEvent(new Event('visibilitychange'))
      }, isHidden)
    await hide(true)
    await liveness(page, 'paused')
    let asked = 0
    page.on('request', () => asked++)
    await page.waitForTimeout(6_000)
    expectThat(asked === 0, `it asked ${asked} times`)
    await hide(false)
    await liveness(page, 'live')
    await close(opened)
  })
}

const runPublic = async (browser: OpenBrowser): Promise<void> => {
  await check('where statistics are public no token is asked for', async () => {
    const served = await serveWorker({ PUBLIC_STATS: 'true', LATENCY_SAMPLE: '1' })
    try {
      const opened = await browser.open(served.origin, WIDE)
      await opened.page.goto(`${served.origin}/dashboard`)
      await opened.page.waitForSelector('body[data-liveness=live]', { timeout: WAIT_MILLISECONDS })
      expectThat(await opened.page.isHidden('#door'), 'it asks for a token')
      expectThat(await opened.page.isHidden('#forget'), 'there is a token to forget')
      await close(opened)
    } finally {
      await served.remove()
    }
  })
}

mkdirSync(REPORTS, { recursive: true })
const browser = await openBrowser()
try {
  const served = await serveWorker({
    PUBLIC_STATS: 'false',
    LATENCY_SAMPLE: '1',
    PREDICT_DEADLINE_MILLISECONDS: '30000',
    ZIP_DEADLINE_MILLISECONDS: '30000',
  })
  try {
    await sendFor(served.origin, 12)
    await runChecks(browser, served)
  } finally {
    await served.remove()
  }
  await runPublic(browser)
  await lookAtApiDocs(browser, REPORTS)
} finally {
  await browser.close()
}
endChecks('browser')
