/** What the looks at pages share: a page without complaints, and the rules of axe-core. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expectThat } from '../support/checks.ts'
import type { OpenPage } from './open-browser.ts'

/** Throws with what went wrong in the page meanwhile. */
export const close = async ({ wrongs, close: closePage }: OpenPage): Promise<void> => {
  await closePage()
  expectThat(wrongs.length === 0, `the page complains: ${wrongs.join('; ')}`)
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly target: unknown; readonly failureSummary?: string }[]
}

/** Throws with every violation of axe-core's rules. Its program comes past the policy of the page, as a tool of the browser. */
export const expectAccessible = async (page: Page): Promise<void> => {
  await page.evaluate(readFileSync(AXE, 'utf8'))
  const run = 'axe.run().then(({ violations, passes }) => ({ violations, rules: passes.length }))'
  const { violations, rules } = (await page.evaluate(run)) as { violations: readonly Violation[]; rules: number }
  expectThat(rules > 15, `only ${rules} rules of axe-core found anything to look at`)
  const told = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${JSON.stringify(target)}: ${failureSummary ?? ''}`),
  )
  expectThat(told.length === 0, told.join('\n'))
}
