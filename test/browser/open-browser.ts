/** Debian's Chromium, headless, and pages in it that note what goes wrong. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** It must not look for anything outside. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
]

export interface View {
  readonly width: number
  readonly height: number
  readonly colorScheme?: 'light' | 'dark'
}

export interface OpenPage {
  readonly page: Page
  /** Violations of the policy, errors that nobody caught, and requests to other hosts. */
  readonly wrongs: readonly string[]
  close(): Promise<void>
}

export interface OpenBrowser {
  open(origin: string, view: View): Promise<OpenPage>
  close(): Promise<void>
}

const noteWrongs = (page: Page, origin: string): readonly string[] => {
  const wrongs: string[] = []
  page.on('pageerror', (error) => wrongs.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // A server that is gone, or refuses, is what some tests are about.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) wrongs.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) wrongs.push(`asks ${request.url()}`)
  })
  return wrongs
}

export const openBrowser = async (): Promise<OpenBrowser> => {
  const folder = mkdtempSync(join(tmpdir(), 'nearcast-browser-'))
  let profiles = 0
  const contexts = new Set<BrowserContext>()
  return {
    async open(origin, { width, height, colorScheme = 'light' }) {
      // Each with a profile of its own: nothing is remembered from one test to the next.
      const context = await chromium.launchPersistentContext(join(folder, String(profiles++)), {
        ...{ executablePath: CHROMIUM, headless: true, args: FLAGS },
        ...{ viewport: { width, height }, colorScheme },
      })
      contexts.add(context)
      const page = context.pages()[0] ?? (await context.newPage())
      const wrongs = noteWrongs(page, origin)
      const close = async (): Promise<void> => {
        contexts.delete(context)
        await context.close()
      }
      return { page, wrongs, close }
    },
    async close() {
      await Promise.all([...contexts].map((context) => context.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
