import { describe, expect, it } from 'vitest'
import { ConfigError, parseConfig, VARIABLES } from '../../src/config.ts'

describe('the configuration', () => {
  it('has a default and an explanation for every variable', () => {
    const config = parseConfig({})
    expect(Object.keys(config)).toEqual(Object.keys(VARIABLES))
    expect(config).toMatchObject({
      MAX_BODY_BYTES: 4_194_304,
      MAX_EVENTS: 1_000,
      PREDICT_DEADLINE_MILLISECONDS: 100,
      ZIP_DEADLINE_MILLISECONDS: 25,
      PUBLIC_STATS: false,
    })
    for (const { about } of Object.values(VARIABLES)) expect(about).not.toBe('')
  })

  it('reads what is set', () => {
    expect(
      parseConfig({
        MAX_EVENTS: '5',
        ZIP_FROM_EDGE: 'true',
        TIME_UNIT: 's',
        TIME_ZONE: 'America/New_York',
        TIME_PATH: '',
      }),
    ).toMatchObject({
      MAX_EVENTS: 5,
      ZIP_FROM_EDGE: true,
      TIME_UNIT: 's',
      TIME_ZONE: 'America/New_York',
      TIME_PATH: undefined,
    })
  })

  it.each([
    [{ MAX_EVENTS: '0' }, /MAX_EVENTS must be a whole number from 1 to 10000 \(it is "0"\)/],
    [{ MAX_EVENTS: '1e3' }, /MAX_EVENTS/],
    [{ ZIP_FROM_EDGE: 'yes' }, /ZIP_FROM_EDGE must be true or false/],
    [{ TIME_UNIT: 'minutes' }, /TIME_UNIT must be one of ms, s, us, ns/],
    [{ TIME_ZONE: 'america/new_york' }, /TIME_ZONE must be an IANA time zone/],
    [{ TIME_ZONE: '+05:00' }, /TIME_ZONE must be an IANA time zone/],
    [{ TIME_ZONE: 'Mars/Olympus' }, /TIME_ZONE must be an IANA time zone/],
  ])('refuses %j and says what it must be', (env, message) => {
    expect(() => parseConfig(env)).toThrow(ConfigError)
    expect(() => parseConfig(env)).toThrow(message)
  })

  it.each(['http://hooks.example/x', 'https://user:pass@hooks.example/x', 'hooks.example', 'ftp://localhost/'])(
    'takes no webhook at %s, and does not print it',
    (url) => {
      const parse = () => parseConfig({ ALERT_WEBHOOK_URL: url })
      expect(parse).toThrow('ALERT_WEBHOOK_URL must be an https address without a user, or an http one of localhost')
      expect(parse).not.toThrow(url)
    },
  )
  it.each(['https://hooks.example/x', 'http://127.0.0.1:9000/x'])('takes a webhook at %s', (url) => {
    expect(parseConfig({ ALERT_WEBHOOK_URL: url }).ALERT_WEBHOOK_URL).toBe(url)
  })

  it.each(['/beacon.js', '/assets/shop.js', '/s.js'])('serves the beacon at %s', (path) => {
    expect(parseConfig({ BEACON_PATH: path }).BEACON_PATH).toBe(path)
  })
  it.each([
    '',
    'shop.js',
    '/shop',
    '/v1/events.js',
    '/v2/x.js',
    '/admin/x.js',
    '/../x.js',
    '/a//b.js',
    '/x.js?y',
    '//x.js',
  ])('serves no beacon at %j', (path) => {
    expect(() => parseConfig({ BEACON_PATH: path })).toThrow(/BEACON_PATH must be a path such as \/assets\/shop.js/)
  })

  it('names every variable that cannot be used at once, and prints no secret', () => {
    const parse = () => parseConfig({ MAX_EVENTS: 'x', PUBLIC_STATS: 'x', ADMIN_TOKEN: 'short' })
    expect(parse).toThrow(/MAX_EVENTS.*PUBLIC_STATS.*ADMIN_TOKEN must have at least 16 characters$/)
    expect(parse).not.toThrow(/short/)
  })
})
