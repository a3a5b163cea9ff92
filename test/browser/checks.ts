/** What the looks at pages share: counted checks, and the rules of axe-core. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { OpenPage } from './open-browser.ts'

let passed = 0
let failed = 0
export const check = async (name: string, run: () => Promise<void>): Promise<void> => {
  try {
    await run()
    passed++
    console.log(`ok   ${name}`)
  } catch (error) {
    failed++
    console.log(`FAIL ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
export const expectThat = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

/** Of all checks until now. */
export const counts = (): { readonly passed: number; readonly failed: number } => ({ passed, failed })

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
