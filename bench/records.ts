/** Made-up clickstream records in the three sizes that logs hold: a beacon, a web-log line, a whole session. */
import { type Random, seededRandom } from './random.ts'

/** About 0.2, 1.1 and 12 KB a record. */
export type RecordSize = 'beacon' | 'log' | 'session'

export const RECORD_SIZES: readonly RecordSize[] = ['beacon', 'log', 'session']

/** 2024-11-01T00:00Z and the length of the month that the records lie in, milliseconds. */
const MONTH_START = 1_730_419_200_000
const MONTH_MILLISECONDS = 30 * 86_400_000

const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
] as const
const PAGES = ['/', '/cart', '/checkout/shipping', '/p/canvas-tote-bag', '/p/kettle-1.7l', '/search', '/account/orders']
const TITLES = [
  'Home',
  'Your cart',
  'Shipping & delivery',
  'Canvas tote "Liberté"',
  'Kettle 1.7 l',
  'Café set — 6 cups',
]
const DEVICES = ['phone', 'desktop', 'tablet'] as const
const COUNTRIES = ['US', 'CA', 'DE', 'IN', 'BR'] as const

const hexadecimal = (random: Random, digits: number): string => {
  let text = ''
  while (text.length < digits) text += random.below(65_536).toString(16).padStart(4, '0')
  return text.slice(0, digits)
}

const uuid = (random: Random): string => [8, 4, 4, 4, 12].map((digits) => hexadecimal(random, digits)).join('-')

const digits = (random: Random, count: number): string => Array.from({ length: count }, () => random.below(10)).join('')

const instant = (random: Random): number => MONTH_START + random.below(MONTH_MILLISECONDS)

const beacon = (random: Random): object => ({
  _index: 'sessions',
  _id: uuid(random),
  _source: {
    createdDateTime: instant(random),
    zipCode: digits(random, 5),
    session_id: hexadecimal(random, 16),
    page: random.pick(PAGES),
    device: random.pick(DEVICES),
  },
})

const log = (random: Random): object => {
  const time = new Date(instant(random)).toISOString()
  const client = `${random.below(256)}.${random.below(256)}.${random.below(256)}.${random.below(256)}`
  const agent = random.pick(AGENTS)
  const page = random.pick(PAGES)
  const bytes = random.below(20_000)
  return {
    _index: 'web-logs',
    _id: hexadecimal(random, 20),
    _source: {
      agent,
      bytes,
      clientip: client,
      extension: random.pick(['', 'css', 'zip', 'deb']),
      geo: {
        srcdest: `${random.pick(COUNTRIES)}:${random.pick(COUNTRIES)}`,
        coordinates: { lat: 25 + random.fraction() * 20, lon: -120 + random.fraction() * 50 },
      },
      host: 'shop.example.com',
      machine: { ram: 2 ** 30 * random.below(32), os: random.pick(['ios', 'win 11', 'osx']) },
      memory: null,
      message: `${client} - - [${time}] "GET ${page} HTTP/1.1" 200 ${bytes} "-" "${agent}"`,
      referer: `https://social.example.com/success/${hexadecimal(random, 12)}`,
      response: random.pick([200, 200, 200, 404, 503]),
      request: page,
      tags: ['success', random.pick(['info', 'login', 'security'])],
      trace: { id: hexadecimal(random, 32), span: hexadecimal(random, 16), sampled: random.chance(0.1) },
      timestamp: time,
      utc_time: time,
      url: `https://shop.example.com${page}?q=${hexadecimal(random, 8)}`,
      zipCode: digits(random, 5),
      session_id: hexadecimal(random, 16),
      event: { dataset: 'web_logs' },
    },
  }
}

const view = (random: Random, at: number): object => ({
  id: hexadecimal(random, 16),
  at,
  url: `https://shop.example.com${random.pick(PAGES)}?utm_source=mail&utm_campaign=${hexadecimal(random, 6)}`,
  title: random.pick(TITLES),
  referrer: random.chance(0.5) ? null : `https://www.example.com/search?q=${hexadecimal(random, 8)}`,
  scroll: random.fraction(),
  visible_ms: random.below(60_000),
  viewport: { width: random.pick([390, 1280, 1920]), height: random.pick([844, 720, 1080]) },
  clicks: Array.from({ length: random.below(3) }, () => ({
    selector: `main > section:nth-child(${random.below(9)}) a.button`,
    x: random.below(1920),
    y: random.below(4000),
  })),
})

const session = (random: Random): object => {
  const started = instant(random)
  return {
    _index: 'sessions',
    _id: uuid(random),
    _score: 1,
    _source: {
      session_id: hexadecimal(random, 16),
      visitor_id: uuid(random),
      agent: random.pick(AGENTS),
      device: random.pick(DEVICES),
      language: 'en-US',
      consent: { analytics: true, marketing: random.chance(0.5), version: '2024-05' },
      headers: {
        accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
        'accept-language': 'en-US,en;q=0.5',
        cookie: `sid=${hexadecimal(random, 64)}; ab=${hexadecimal(random, 24)}`,
        'sec-ch-ua': '"Chromium";v="131", "Not_A Brand";v="24"',
      },
      views: Array.from({ length: 30 }, (_, index) => view(random, started + index * 9_000 + random.below(9_000))),
      cart: {
        value: random.below(40_000) / 100,
        currency: 'USD',
        items: Array.from({ length: random.below(6) }, () => ({
          sku: `SKU-${digits(random, 7)}`,
          quantity: 1 + random.below(3),
          price: random.below(9_999) / 100,
          title: random.pick(TITLES),
        })),
      },
      experiments: Object.fromEntries(
        Array.from({ length: 12 }, (_, index) => [
          `exp_${index}_${hexadecimal(random, 4)}`,
          random.pick(['a', 'b', null]),
        ]),
      ),
      createdDateTime: started,
      zipCode: digits(random, 5),
      shipFromZip: digits(random, 5),
    },
  }
}

const MAKERS: Record<RecordSize, (random: Random) => object> = { beacon, log, session }

/** `count` records as Elasticsearch hits, the same ones for the same seed. */
export const makeRecords = (size: RecordSize, count: number, seed: number): object[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => MAKERS[size](random))
}

/** The same, one JSON text a line. */
export const makeLines = (size: RecordSize, count: number, seed: number): Buffer =>
  Buffer.from(
    makeRecords(size, count, seed)
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(''),
  )
