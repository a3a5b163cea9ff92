/** Made-up records, odd in every way that the event reader knows of, as JSON texts. */
import { type Random, seededRandom } from '../../bench/random.ts'

type Member = readonly [name: string, value: string]

const TIME_VALUES = [
  ...['1731880381293', '1731880381293', '1731880381293', '1730419200000', '-1', '0', '946684800000', '4102444800000'],
  ...['7258118399999', '7258118400000', '-2208988800000', '1731880381', '1731880381.293', '1731880381293.7'],
  ...['1731880381293000', '1731880381293000000', '17318803812930000000', '20241117', '20241117215301', '1e12', '-0'],
  ...['1.731880381293e12', '1e400', '"1731880381293"', '" 1731880381293 "', '"2024-11-17T21:53:01.293Z"', '"now"'],
  ...['"2024-11-17T21:53:01.293+05:30"', '"2024-11-17 21:53:01-0800"', '"2024-11-17T21:53:01"', '"2024-02-30T00:00Z"'],
  ...[
    '"2024-11-17T21:53:01.293456789Z"',
    '"20241117T215301Z"',
    '"2024-11-17"',
    '"2024"',
    '"17 Nov 2024"',
    '"\\u0032024-11-17T21:53:01Z"',
  ],
  ...['null', '""', '"  "', 'true', '[]', '{}', '{"$date":1731880381293}', '{"$date":"2024-11-17T21:53:01Z"}'],
  ...[
    '{"$date":{"$numberLong":"1731880381293"}}',
    '{"$numberLong":"1731880381293"}',
    '{"$date":null}',
    '[1731880381293]',
  ],
] as const

const ZIP_VALUES = [
  ...[
    '"94107"',
    '"94107"',
    '"10001"',
    '"00501"',
    '"99999"',
    '"00001"',
    '"000"',
    '"94107-1234"',
    '"941071234"',
    '"501"',
  ],
  ...['94107', '501', '94107.0', '941071234', '1e4', '"94107.0"', '" 94107 "', '"SW1A 1AA"', '"9410"', '"９４１０７"'],
  ...[
    'null',
    '""',
    '" "',
    'true',
    '[]',
    '{}',
    '"\\u00394107"',
    '94107000000000000000000',
    '-94107',
    '"94199"',
    '"88888"',
  ],
] as const

const ID_VALUES = [
  ...[
    '"0b541211-6f65-4b6e-bb0c-ded5ad3e78c7"',
    '"a"',
    '""',
    '"  "',
    'null',
    '17',
    '0.1',
    '99926275868403174266',
    'true',
  ],
  ...[
    '{"$oid":"507f1f77bcf86cd799439011"}',
    '{}',
    '[]',
    '"é😀"',
    '"\\u0061\\n"',
    '"\\ud800"',
    '"x y"',
    `"${'x'.repeat(512)}"`,
  ],
  ...[`"${'x'.repeat(513)}"`, `"${'é'.repeat(400)}"`, '"\\u007f"', '"a\\\\b"', '"\\"quoted\\""'],
] as const

const OTHER_VALUES = [
  ...[
    '1',
    '-1.5',
    '0',
    '-0',
    '1e400',
    '"phone"',
    '"desktop"',
    '"7"',
    '""',
    'true',
    'false',
    'null',
    '[1,2]',
    '{"value":3}',
  ],
  ...[
    '{"value":{"deep":1}}',
    '12345678901234567890',
    '0.1',
    '"caf\\u00e9"',
    '"line\\nbreak, \\"quoted\\""',
    '"94107"',
    '10001',
  ],
] as const

const TIME_NAMES = ['createdDateTime', '@timestamp', 'timestamp', 'meta.time', 'event.created'] as const
const ZIP_NAMES = ['zipCode', 'zip', 'postalCode', 'geo.zip'] as const
const ID_NAMES = ['_id', 'event_id', 'id'] as const
const OTHER_NAMES = [
  ...[
    'device',
    'cart',
    'cart.value',
    'shipFromZip',
    'fields',
    '_source',
    '_index',
    '__proto__',
    'constructor',
    'bought',
  ],
  ...['session_id', 'message', 'a.b', 'a', ''],
] as const

const member = (random: Random): Member => {
  const kind = random.fraction()
  if (kind < 0.35) return [random.pick(TIME_NAMES), random.pick(TIME_VALUES)]
  if (kind < 0.6) return [random.pick(ZIP_NAMES), random.pick(ZIP_VALUES)]
  if (kind < 0.7) return [random.pick(ID_NAMES), random.pick(ID_VALUES)]
  return [random.pick(OTHER_NAMES), random.pick(OTHER_VALUES)]
}

const space = (random: Random): string => (random.chance(0.05) ? random.pick([' ', '\t', '  ']) : '')

/** A name, now and then with a letter as an escape. */
const nameText = (random: Random, name: string): string => {
  const text = JSON.stringify(name)
  if (name === '' || !random.chance(0.03)) return text
  return `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${text.slice(2)}`
}

const objectText = (random: Random, members: readonly Member[]): string => {
  const parts = members.map(
    ([name, value]) => `${space(random)}${nameText(random, name)}${space(random)}:${space(random)}${value}`,
  )
  return `{${parts.join(',')}${space(random)}}`
}

/** Members of which the dotted names are, now and then, spelled as nested objects. */
const nested = (random: Random, [name, value]: Member): Member => {
  const dot = name.indexOf('.')
  return dot > 0 && random.chance(0.5)
    ? [name.slice(0, dot), `{${JSON.stringify(name.slice(dot + 1))}:${value}}`]
    : [name, value]
}

const recordText = (random: Random): string => {
  const members: Member[] = Array.from({ length: random.below(8) }, () => nested(random, member(random)))
  // Most records are fit to be read.
  if (random.chance(0.7)) members.push([random.pick(TIME_NAMES), random.pick(TIME_VALUES.slice(0, 4))])
  if (random.chance(0.5)) members.splice(random.below(members.length + 1), 0, ['zipCode', random.pick(ZIP_VALUES)])
  return objectText(random, members)
}

const fieldsText = (random: Random): string => {
  const members = Array.from({ length: 1 + random.below(4) }, (): Member => {
    const [name, value] = member(random)
    return [name, random.chance(0.9) ? `[${value}${random.chance(0.1) ? `,${value}` : ''}]` : value]
  })
  return objectText(random, members)
}

/** One record: flat, a hit, a hit of fields, or something that only looks like one. */
export const oddRecord = (random: Random): string => {
  const kind = random.fraction()
  if (kind < 0.4) return recordText(random)
  if (kind > 0.98) return random.pick(['1', '"text"', 'null', '[]', '[{}]', 'true', '{}', '{"a":[[[[]]]]}'])
  const outer: Member[] = []
  if (random.chance(0.9)) outer.push(['_id', random.pick(ID_VALUES)])
  if (random.chance(0.7)) outer.push(['_index', '"sessions"'])
  if (random.chance(0.1)) outer.push(member(random))
  if (kind < 0.85) outer.push(['_source', random.chance(0.95) ? recordText(random) : random.pick(OTHER_VALUES)])
  else outer.push(['fields', fieldsText(random)])
  if (random.chance(0.1)) outer.push(member(random))
  return objectText(random, outer)
}

/** `count` records, the same for the same seed. */
export const oddRecords = (count: number, seed: number): string[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => oddRecord(random))
}
