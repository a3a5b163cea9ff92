/** A site of another origin than the worker's, and a Chromium that visits it, with its back-forward cache as people have it. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Beacon } from '../../src/beacon/types.ts'

declare global {
  interface Window {
    nearcast: Beacon
    /** What checks note in the page. */
    noted: Record<string, unknown>
  }
}

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
]

export interface ShopPage {
  /** Where the script stands by default: attributes of its tag, or `null` for none. */
  readonly tag?: string | null
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Visit {
  readonly context: BrowserContext
  readonly page: Page
  /** Errors nobody caught, and violations of the policy of any page. */
  readonly wrongs: readonly string[]
  /** Throws with what went wrong. */
  leave(): Promise<void>
}

export interface Shop {
  readonly origin: string
  put(path: string, page: ShopPage): void
  /** A visitor of its own; `before` runs in each page before all else. */
  visit(path: string, before?: () => void): Promise<Visit>
  close(): Promise<void>
}

const noteWrongs = (context: BrowserContext, wrongs: string[]): void => {
  context.on('weberror', (error) => wrongs.push(`error: ${error.error().message}`))
  context.on('console', (message) => {
    // An endpoint that is gone, or refuses, is what some checks are about; Chromium says so itself.
    const isNetwork = /Failed to load resource|blocked by CORS policy/.test(message.text())
    if (message.type() === 'error' && !isNetwork) wrongs.push(message.text())
  })
}

/** `worker`: the origin of script and endpoint. */
export const openShop = async (worker: string): Promise<Shop> => {
  const folder = mkdtempSync(join(tmpdir(), 'nearcast-shop-'))
  const pages = new Map<string, ShopPage>()
  const contexts = new Set<BrowserContext>()
  let profiles = 0
  const server = createServer((request, response) => {
    const page = pages.get((request.url ?? '').split('?')[0] ?? '')
    if (page === undefined) {
      response.writeHead(404).end()
      return
    }
    const { tag = '', body = '', headers = {} } = page
    const script = tag === null ? '' : `<script src="${worker}/beacon.js" ${tag}></script>`
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers })
    response.end(`<!doctype html><html lang="en"><title>Shop</title>${script}<body>${body}</body></html>`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  const origin = `http://127.0.0.1:${address.port}`
  pages.set('/', {})
  return {
    origin,
    put: (path, page) => {
      pages.set(path, page)
    },
    async visit(path, before) {
      const context = await chromium.launchPersistentContext(join(folder, String(profiles++)), {
        ...{ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS },
        // Playwright switches it off, people do not.
        ignoreDefaultArgs: ['--disable-back-forward-cache'],
      })
      contexts.add(context)
      const wrongs: string[] = []
      noteWrongs(context, wrongs)
      if (before !== undefined) await context.addInitScript(before)
      const page = context.pages()[0] ?? (await context.newPage())
      page.setDefaultTimeout(20_000)
      await page.goto(`${origin}${path}`)
      const leave = async (): Promise<void> => {
        contexts.delete(context)
        await context.close()
        if (wrongs.length > 0) throw new Error(`the page complains: ${wrongs.join('; ')}`)
      }
      return { context, page, wrongs, leave }
    },
    async close() {
      await Promise.all([...contexts].map((context) => context.close()))
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
