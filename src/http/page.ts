/** Pages: HTML under a policy that lets nothing in but what the page itself holds. */
import type { Exchange } from './exchange.ts'
import { headersOf } from './reply.ts'

/** What a page is made of. Style and script stand in it once each, without attributes that run code, and load nothing from elsewhere. */
export interface Page {
  readonly title: string
  readonly style: string
  /** May ask this server only. */
  readonly script?: string
  /** Scripts of this origin, which the body names, run beside the page's own. */
  readonly loadsOwnScripts?: true
  /** Paths of a style and of a program too large to stand in the page: assets of this origin, besides which the program may ask this server. */
  readonly assets?: { readonly style: string; readonly script: string }
  /** What stands in `<body>`: HTML, every foreign text in it escaped. */
  readonly body: string
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text as it may stand in an element or in a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')

/** Whether a caller asks for a page: browsers name `text/html`, curl takes anything. */
export const wantsPage = (request: Request): boolean => {
  const accepted = (request.headers.get('accept') ?? '').split(',').map((range) => range.trim().toLowerCase())
  return accepted.some((range) => /^text\/html\s*(?:;|$)/.test(range) && !/;\s*q=0(?:\.0*)?\s*(?:;|$)/.test(range))
}

/** Hashes of styles and scripts, which are constants of this code. */
const hashes = new Map<string, string>()

const hashOf = async (text: string): Promise<string> => {
  const known = hashes.get(text)
  if (known !== undefined) return known
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const hash = `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`
  hashes.set(text, hash)
  return hash
}

const policyOf = async ({ style, script, assets, loadsOwnScripts }: Page): Promise<string> =>
  [
    "default-src 'none'",
    `style-src ${assets === undefined ? await hashOf(style) : "'self'"}`,
    ...(script === undefined
      ? []
      : [`script-src ${await hashOf(script)}${loadsOwnScripts === true ? " 'self'" : ''}`, "connect-src 'self'"]),
    ...(assets === undefined ? [] : ["script-src 'self'", "connect-src 'self'"]),
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

const styleOf = ({ style, assets }: Page): string =>
  assets === undefined ? `<style>${style}</style>` : `<link rel="stylesheet" href="${assets.style}">`

const scriptOf = ({ script, assets }: Page): string => {
  if (assets !== undefined) return `\n<script src="${assets.script}"></script>`
  return script === undefined ? '' : `\n<script>${script}</script>`
}

const document = (page: Page): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="icon" href="data:,">
${styleOf(page)}
</head>
<body>
${page.body}${scriptOf(page)}
</body>
</html>
`

export const replyPage = async (exchange: Exchange, page: Page): Promise<Response> =>
  new Response(document(page), {
    headers: {
      ...headersOf(exchange, 'text/html; charset=utf-8'),
      'content-security-policy': await policyOf(page),
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      vary: 'Accept, Origin',
    },
  })
