/** Answers of routes that no example request brings forth: of a worker that is not ready, and of a browser. */
import type { ROUTES } from '../routes.ts'

export interface OtherAnswer {
  readonly status: number
  readonly mediaType: string
  readonly name: string
  readonly summary: string
  readonly value: unknown
}

const LOADING = 'late-arrival@1.0.0 is still being loaded'

const notReady = (value: object): readonly OtherAnswer[] => [
  { status: 503, mediaType: 'application/json', name: 'not_ready', summary: 'Not yet ready', value },
]

const versionNotReady = notReady({ name: 'late-arrival', ready: false, error: LOADING })

export const OTHER_ANSWERS: { readonly [Route in keyof typeof ROUTES]?: readonly OtherAnswer[] } = {
  welcome: [
    {
      status: 200,
      mediaType: 'text/html',
      name: 'page',
      summary: 'To a browser',
      value: '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n…',
    },
  ],
  ready: notReady({ ready: false, reasons: [LOADING] }),
  serverReady: notReady({ live: true, ready: false, error: LOADING }),
  modelReady: versionNotReady,
  versionReady: versionNotReady,
}
