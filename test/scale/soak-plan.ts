/** Which requests the soak sends: kinds by weight, one after the other from a seed. */
import { type Random, seededRandom } from '../../bench/random.ts'
import type { EventMaker } from './soak-events.ts'
import { bearer, type MadeRequest, RequestMaker, type Seen, type Tokens } from './soak-requests.ts'

type Group = 'predict' | 'events' | 'admin' | 'errors' | 'reads'

export interface Planned extends MadeRequest {
  /** `events: over 100 KB`. */
  readonly kind: string
  readonly group: Group
  readonly headers: Readonly<Record<string, string>>
}

/** How often, of the sum of all; then what is sent. */
type Kinds = Readonly<Record<string, readonly [weight: number, make: () => MadeRequest]>>

export interface PlanParts {
  readonly seed: number
  readonly makeEvents: (random: Random) => EventMaker
  readonly zips: readonly string[]
  readonly tokens: Tokens
  readonly model: string
  readonly version: string
  readonly day: () => string
  readonly seen: Seen
}

export interface Planner {
  /** `isHeldBack`: no events just now. */
  next(isHeldBack: boolean): Planned
}

const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'curl/8.9.1',
  'python-requests/2.32.3',
]
/** The share of requests with an agent that nobody has seen before, and with an address: what is remembered by them must not grow. */
const NEW_AGENTS = 0.02
const ADDRESSES = 0.05

const MULTIPART = { 'content-type': 'multipart/form-data; boundary=x' }
const FOREIGN = { origin: 'https://elsewhere.example' }

const LARGE = 'over 100 KB'
export const LARGE_KIND = `events: ${LARGE}`

const kindsOf = (random: Random, make: RequestMaker, parts: PlanParts): Readonly<Record<Group, Kinds>> => {
  const { tokens, model, version, zips } = parts
  const any = (): number => random.below(1_000_000)
  const release = `/admin/models/${model}/release`
  const ofVersion = `/v1/models/${model}/versions/${version}/predict`
  return {
    predict: {
      'one event': [330, () => make.predictOne()],
      'a batch': [30, () => make.predictMany(10, 100, 'array')],
      'a large batch': [12, () => make.predictMany(100, 1_000, 'envelope')],
      lines: [20, () => make.predictMany(2, 60, 'lines')],
      'now, by zip': [30, () => make.get(`/v1/predict?zip=${random.pick(zips)}`)],
      'a version': [10, () => ({ ...make.predictOne(), path: ofVersion, headers: bearer(tokens.write) })],
      tensors: [40, () => make.infer(random.chance(0.1) ? make.size(2, 200) : 1)],
    },
    events: {
      'one event': [130, () => make.events(1)],
      'a batch': [60, () => make.events(make.size(2, 100))],
      'a large batch': [6, () => make.events(make.size(200, 1_000))],
      lines: [20, () => make.events(make.size(2, 50), 'lines')],
      'some of them bad': [20, () => make.damagedEvents(make.size(2, 20))],
      'opted out': [10, () => make.optedOutEvents(make.size(1, 5))],
      'sent again': [10, () => make.again()],
      'without identity': [5, () => make.namelessEvent()],
      [LARGE]: [2, () => make.largeEvent()],
      unreadable: [4, () => make.unreadable()],
    },
    reads: {
      outcomes: [10, () => make.outcome()],
      statistics: [6, () => make.get('/v1/stats?window=5m', [200], bearer(tokens.read))],
      models: [10, () => make.get('/v1/models')],
      readiness: [6, () => make.get(random.pick(['/readyz', '/livez', '/v2/health/ready']))],
      documents: [2, () => make.get(random.pick(['/openapi.json', '/']))],
    },
    admin: {
      release: [12, () => make.admin(release)],
      versions: [6, () => make.admin(`/admin/models/${model}/versions`)],
      letters: [10, () => make.admin(`/admin/dead-letters?limit=${make.size(1, 50)}`)],
      'a letter': [8, () => make.letter()],
      archive: [6, () => make.archive()],
      'an object': [6, () => make.object()],
      replay: [2, () => make.replay()],
      discard: [1, () => make.discard()],
    },
    errors: {
      'bad JSON': [20, () => make.predict(random.pick(['{', '[1,', '{"a":}', '\u0000', '"']), [400])],
      'no time': [20, () => make.predictDamaged()],
      'too deep': [3, () => make.predict('['.repeat(2_000), [400])],
      'too many': [5, () => make.predict(`[${'0,'.repeat(1_000)}0]`, [413])],
      'too large': [1, () => ({ ...make.predict('["', [413]), announcedBytes: 4_400_000 })],
      'no such path': [15, () => make.get(`/v1/${any()}`, [404])],
      'no such method': [5, () => ({ method: 'POST', path: '/v1/models', body: '{}', expected: [405] })],
      'no such model': [10, () => ({ ...make.predictOne(), path: `/v1/predict?model=m-${any()}`, expected: [404] })],
      'no token': [10, () => make.get('/admin/dead-letters', [401, 429])],
      'wrong token': [10, () => make.get(release, [401, 429], bearer(`wrong-token-${any()}`))],
      multipart: [5, () => ({ ...make.predict('--x--', [415]), headers: MULTIPART })],
      'bad tensors': [5, () => ({ ...make.infer(1), body: '{"inputs":[]}', expected: [400] })],
      'foreign page': [5, () => ({ ...make.predictOne(), headers: FOREIGN, expected: [403] })],
    },
  }
}

interface Kind {
  readonly group: Group
  readonly name: string
  readonly weight: number
  readonly make: () => MadeRequest
}

const pickerOf = (kinds: readonly Kind[], random: Random): (() => Kind) => {
  const whole = kinds.reduce((sum, { weight }) => sum + weight, 0)
  return () => {
    let at = random.fraction() * whole
    for (const kind of kinds) {
      at -= kind.weight
      if (at < 0) return kind
    }
    return kinds[0]
  }
}

export const createPlanner = (parts: PlanParts): Planner => {
  const random = seededRandom(parts.seed)
  const make = new RequestMaker({ ...parts, random, maker: parts.makeEvents(random) })
  const kinds = Object.entries(kindsOf(random, make, parts)).flatMap(([group, all]) =>
    Object.entries(all).map(([name, [weight, make]]): Kind => ({ group: group as Group, name, weight, make })),
  )
  const pick = pickerOf(kinds, random)
  const pickOther = pickerOf(
    kinds.filter(({ group }) => group !== 'events'),
    random,
  )
  return {
    next(isHeldBack) {
      const { name, group, make } = isHeldBack ? pickOther() : pick()
      const made = make()
      const agent = random.chance(NEW_AGENTS) ? `shipper/${random.below(1_000_000)}` : random.pick(AGENTS)
      const address = `10.${random.below(256)}.${random.below(256)}.${random.below(256)}`
      const headers = {
        'user-agent': agent,
        ...(random.chance(ADDRESSES) && { 'cf-connecting-ip': address }),
        ...made.headers,
      }
      return { ...made, kind: `${group}: ${name}`, group, headers }
    },
  }
}
