/** How /openapi.json describes events: the forms that are taken for certain, under default settings. More are read (src/core/event). */
import type { BodyLimits } from './body.ts'

/** A JSON Schema (2020-12), as OpenAPI 3.1 has it. */
type Schema = Readonly<Record<string, unknown>>

const NUMBER: Schema = {
  type: 'number',
  minimum: 4_102_444_800,
  maximum: 7_258_118_399_999,
  description: 'Epoch milliseconds, to the end of 2199; a smaller number could be seconds',
  example: 1_731_880_381_293,
}

/** RFC 3339 without leap seconds. The years at the bounds are left out: an offset leads beyond them. */
const ISO: Schema = {
  type: 'string',
  format: 'date-time',
  pattern:
    '^(190[1-9]|19[1-9][0-9]|20[0-9]{2}|21[0-8][0-9]|219[0-8])-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3])(:[0-5][0-9]){2}' +
    '(\\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$',
  description: 'ISO 8601 with its zone',
  example: '2024-11-17T21:53:01.293Z',
}

const DIGITS: Schema = { type: 'string', pattern: '^[1-6][0-9]{12}$', description: 'Epoch milliseconds in digits' }

const ID: Schema = {
  description: 'Any other value identifies nothing; one of more than 512 characters is refused',
  anyOf: [{ type: 'string', maxLength: 256 }, { type: 'number' }, { type: 'null' }],
}

const TIME_FIELDS = ['createdDateTime', '@timestamp', 'timestamp'] as const

const refer = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const withoutKeys = (...keys: readonly string[]): Schema => ({ not: { enum: keys } })

const eventTime: Schema = {
  description: 'When it happened. TIME_UNIT and TIME_ZONE make other numbers, and times without a zone, readable too',
  anyOf: [
    NUMBER,
    ISO,
    DIGITS,
    { const: 'now' },
    { type: 'object', required: ['$date'], properties: { $date: { anyOf: [NUMBER, ISO, DIGITS] } } },
    {
      type: 'object',
      required: ['$numberLong'],
      properties: { $numberLong: DIGITS },
      propertyNames: withoutKeys('$date'),
    },
  ],
}

const event: Schema = {
  type: 'object',
  description:
    'An event in your own JSON: createdDateTime, else @timestamp, else timestamp says when it happened (or TIME_PATH); zipCode, zip or ' +
    'postalCode where (or ZIP_PATH); session_id, sessionId or visitor_id who keeps a model version (or UNIT_PATH)',
  anyOf: TIME_FIELDS.map((field) => ({ required: [field] })),
  properties: {
    ...Object.fromEntries(TIME_FIELDS.map((field) => [field, refer('EventTime')])),
    event_id: ID,
    id: ID,
    _id: ID,
    zipCode: { description: 'A US zip code; what is none is unknown, which is no error' },
  },
  propertyNames: withoutKeys('_source', 'fields'),
  example: { createdDateTime: 1_731_880_381_293, zipCode: '94107', session_id: 's-1' },
}

const hit: Schema = {
  type: 'object',
  description: 'An event as Elasticsearch and OpenSearch answer it',
  required: ['_source'],
  properties: { _index: { type: 'string' }, _id: ID, _source: refer('Event') },
  example: { _index: 'sessions', _id: 'a', _source: { createdDateTime: 1_731_880_381_293, zipCode: '94107' } },
}

/** What a batch may hold is any JSON: each item that is no event has an error of its own. */
const eventsOf = ({ maxEvents }: BodyLimits): Schema => {
  const items: Schema = {
    type: 'array',
    maxItems: maxEvents,
    items: { description: 'An Event or a Hit; anything else is answered with an error in its place' },
  }
  return {
    description: 'An event, an array of events, or {"events":[…]}',
    anyOf: [
      refer('Event'),
      refer('Hit'),
      items,
      {
        type: 'object',
        required: ['events'],
        properties: { events: items },
        propertyNames: withoutKeys('_source', ...TIME_FIELDS),
      },
    ],
  }
}

/** By the names under which the document holds them; `Events` is a whole body. */
export const eventSchemas = (limits: BodyLimits): Readonly<Record<string, Schema>> => ({
  EventTime: eventTime,
  Event: event,
  Hit: hit,
  Events: eventsOf(limits),
})
