/** Looks at /docs of a running worker, with the network cut to that worker: every operation, both themes, a phone, and a call that is tried. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { check, expectThat } from '../support/checks.ts'
import { close, expectAccessible } from './expect-page.ts'
import type { OpenBrowser, OpenPage, View } from './open-browser.ts'
import { serveWorker } from './served-worker.ts'

const WIDE: View = { width: 1_280, height: 1_000 }
const PHONE: View = { width: 320, height: 640 }
/** A test of the document says that it has every route. */
const LEAST_OPERATIONS = 38
/** Each operation is resolved when it is opened; all of them take a minute on two shared cores. */
const WAIT_MILLISECONDS = 240_000

interface Documented {
  readonly operationId: string
  readonly requestBody?: object
}

/** Opens the page; what is asked of another host is refused here. */
const openDocs = async (browser: OpenBrowser, origin: string, view: View): Promise<OpenPage> => {
  const opened = await browser.open(origin, view)
  const { page } = opened
  page.setDefaultTimeout(WAIT_MILLISECONDS)
  await page.context().route(
    (url) => url.origin !== origin && url.protocol !== 'data:',
    (route) => route.abort(),
  )
  await page.goto(`${origin}/docs`)
  await page.waitForSelector('.opblock')
  return opened
}

const openOperation = async (page: Page, path: string, method: string): Promise<ReturnType<Page['locator']>> => {
  const block = page.locator(`.opblock-${method}`).filter({ has: page.locator(`[data-path="${path}"]`) })
  if (!((await block.getAttribute('class')) ?? '').includes('is-open'))
    await block.locator('.opblock-summary-control').click()
  await block.locator('.responses-table').first().waitFor()
  return block
}

export const lookAtApiDocs = async (browser: OpenBrowser, reports: string): Promise<void> => {
  const variables = { PUBLIC_STATS: 'false', PREDICT_DEADLINE_MILLISECONDS: '30000' }
  const served = await serveWorker(variables, { hasAssets: true })
  const { origin } = served
  const shot = (page: Page, name: string): Promise<unknown> =>
    page.screenshot({ path: join(reports, `docs-${name}.png`) })
  try {
    await check('/docs: a policy that runs and asks only what is of this origin', async () => {
      const answer = await fetch(`${origin}/docs`)
      const policy = answer.headers.get('content-security-policy') ?? ''
      expectThat(policy.includes("default-src 'none'") && policy.includes("script-src 'self'"), policy)
      expectThat(!policy.includes('unsafe'), policy)
      const program = await fetch(`${origin}/docs/docs.js`)
      expectThat(
        program.headers.get('x-content-type-options') === 'nosniff',
        'the program may be taken for another type',
      )
      await program.arrayBuffer()
    })

    await check('/docs: shows every operation and its answers; axe-core finds nothing in either theme', async () => {
      const opened = await openDocs(browser, origin, WIDE)
      const { page } = opened
      const document = (await (await fetch(`${origin}/openapi.json`)).json()) as {
        paths: Record<string, Record<string, Documented>>
      }
      const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, { requestBody }]) => ({
          path,
          method,
          takesBody: requestBody !== undefined,
        })),
      )
      expectThat(operations.length >= LEAST_OPERATIONS, `the document has ${operations.length} operations`)
      expectThat((await page.locator('.opblock').count()) === operations.length, 'not every operation is there')
      for (const { path, method, takesBody } of operations) {
        const block = await openOperation(page, path, method)
        expectThat((await block.locator('tr.response').count()) > 0, `${method} ${path} shows no answer`)
        if (!takesBody) continue
        const shown = block.locator('.opblock-section-request-body').locator('pre.microlight, .parameters').first()
        const example = (await shown.textContent()) ?? ''
        expectThat(example.length > 2, `${method} ${path} shows no request`)
      }
      await page.waitForFunction('document.querySelectorAll("pre.microlight:not([tabindex])").length === 0')
      await shot(page, 'light')
      await expectAccessible(page)
      const light = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.waitForSelector('html.dark-mode')
      const dark = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
      expectThat(light !== dark, 'both themes look alike')
      await shot(page, 'dark')
      await expectAccessible(page)
      await close(opened)
    })

    await check('/docs: a call that is tried is answered by this worker', async () => {
      const opened = await openDocs(browser, origin, WIDE)
      const { page } = opened
      const block = await openOperation(page, '/v1/predict', 'post')
      await block.locator('.try-out__btn').click()
      await block.locator('button.execute').click()
      await block.locator('.live-responses-table').waitFor()
      const words = (await block.locator('.live-responses-table').textContent()) ?? ''
      expectThat(words.includes('late_probability') && words.includes('94107'), words.slice(0, 300))
      await expectAccessible(page)
      await shot(page, 'tried')
      await close(opened)
    })

    await check('/docs: fits a phone of 320 px, and is worked by keyboard', async () => {
      const opened = await openDocs(browser, origin, PHONE)
      const { page } = opened
      await page.locator('.opblock-summary-control').first().focus()
      await page.keyboard.press('Enter')
      await page.locator('.responses-table').first().waitFor()
      const width = (await page.evaluate('document.documentElement.scrollWidth')) as number
      expectThat(width <= PHONE.width, `the page is ${width} px wide`)
      await expectAccessible(page)
      await shot(page, 'phone')
      await close(opened)
    })

    await check('/docs: without its program it says where the document is', async () => {
      const opened = await browser.open(origin, WIDE)
      const { page } = opened
      await page.route(`${origin}/docs/docs.js`, (route) => route.abort())
      await page.goto(`${origin}/docs`)
      expectThat((await page.getAttribute('#waiting a', 'href')) === '/openapi.json', 'it says nothing')
      await expectAccessible(page)
      await close(opened)
    })
  } finally {
    await served.remove()
  }
}
