import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { isBotAgent } from '../../../src/http/bots.ts'
import { callerOf } from '../../../src/http/caller.ts'
import { addressKey } from '../../../src/http/middleware/address.ts'

const BROWSER =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const SETTINGS = { zipFromEdge: true, honorOptOut: true }

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** What the heap holds once nothing can be collected any more. */
const heapBytes = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const caller = (headers: Record<string, string>, cf: object = {}, settings = SETTINGS) =>
  callerOf(Object.assign(new Request('https://nearcast.test/v1/predict', { headers }), { cf }), settings)

describe('a caller', () => {
  it.each([
    ['Googlebot', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'],
    ['a browser without a head', BROWSER.replace('Chrome', 'HeadlessChrome')],
    ['one that says so', 'GPTBot/1.0'],
    ['a preview', 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)'],
  ])('is a bot by its user agent: %s', (_, agent) => {
    expect(caller({ 'user-agent': agent }).isBot).toBe(true)
    expect(caller({ 'user-agent': agent }).isBot).toBe(true)
  })

  it.each([
    ['a browser', BROWSER],
    [
      'a phone',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142 Mobile/15E148 Safari/604.1',
    ],
    ['curl, which brings the events of others', 'curl/8.14.1'],
    ['a log shipper', 'Vector/0.50.0 (x86_64-unknown-linux-gnu)'],
    ['a script', 'python-requests/2.32.0'],
    ['nobody who says', ''],
  ])('is no bot: %s', (_, agent) => {
    expect(caller({ 'user-agent': agent }).isBot).toBe(false)
  })

  it('is a bot where the edge has verified it, or takes what calls itself a browser for a program', () => {
    const managed = (score: number, verifiedBot = false) => ({ botManagement: { score, verifiedBot } })
    expect(caller({}, managed(99, true)).isBot).toBe(true)
    expect(caller({ 'user-agent': BROWSER }, managed(2)).isBot).toBe(true)
    expect(caller({ 'user-agent': BROWSER }, managed(30)).isBot).toBe(false)
    expect(caller({ 'user-agent': BROWSER }, managed(0)).isBot).toBe(false)
    expect(caller({ 'user-agent': 'Vector/0.50.0' }, managed(1)).isBot).toBe(false)
  })

  it('keeps the memory of user agents bounded, however long they are', () => {
    const before = heapBytes()
    for (let number = 0; number < 900; number++) {
      // One piece of memory, as a header comes.
      const agent = Buffer.from(`${BROWSER} ${number} ${'x'.repeat(50_000)}`).toString('latin1')
      expect(isBotAgent(agent)).toBe(false)
    }
    expect(heapBytes() - before).toBeLessThan(10_000_000)
    for (let number = 0; number < 3_000; number++) expect(isBotAgent(`GPTBot/1.${number}`)).toBe(true)
    expect(isBotAgent(`GPTBot/1.0 ${'x'.repeat(50_000)}`)).toBe(true)
  })

  it('has opted out with Sec-GPC or DNT, unless the deployment does not heed them', () => {
    expect(caller({ 'sec-gpc': '1' }).isOptedOut).toBe(true)
    expect(caller({ dnt: '1' }).isOptedOut).toBe(true)
    expect(caller({ dnt: '0' }).isOptedOut).toBe(false)
    expect(caller({}).isOptedOut).toBe(false)
    expect(caller({ 'sec-gpc': '1' }, {}, { ...SETTINGS, honorOptOut: false }).isOptedOut).toBe(false)
  })

  it('has a zip of the edge in the United States only, and when it may be used', () => {
    const home = { country: 'US', postalCode: '94107' }
    expect(caller({}, home).edgeZip).toBe('94107')
    expect(caller({}, { country: 'DE', postalCode: '10115' }).edgeZip).toBeNull()
    expect(caller({}, home, { ...SETTINGS, zipFromEdge: false }).edgeZip).toBeNull()
  })
})

describe('the address a request is counted under', () => {
  const key = (address?: string) =>
    addressKey(new Headers(address === undefined ? {} : { 'cf-connecting-ip': address }))

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:0001:0002::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1:2:3:4:5', '0:0:0:1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
  ])('is of %s %s', (address, wanted) => {
    expect(key(address)).toBe(wanted)
  })

  it.each([undefined, '', '127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('is none of %s', (address) => {
    expect(key(address)).toBeNull()
  })
})
