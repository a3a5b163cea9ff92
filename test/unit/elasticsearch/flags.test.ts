import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { parseDuration } from '../../../src/cli/elasticsearch/duration.ts'
import { readSearchFlags } from '../../../src/cli/elasticsearch/flags.ts'
import { readFollowFlags, readTarget } from '../../../src/cli/elasticsearch/follow-options.ts'

const URL_FLAGS = { elasticsearch: 'https://search.example:9200/', index: 'sessions' }
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'nearcast-flags-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const server = (flags: object, environment = {}) =>
  readSearchFlags({ ...URL_FLAGS, ...flags }, undefined, environment).server

describe('who asks', () => {
  it('is nobody unless something says so', () => {
    expect(server({}).authorization).toBeUndefined()
    expect(server({}).url).toBe('https://search.example:9200')
  })

  it('is read from the URL, which then holds no secret any more', () => {
    const read = server({ elasticsearch: 'https://elastic:p%40ss@search.example/es' })
    expect(read.authorization).toBe(basic('elastic:p@ss'))
    expect(JSON.stringify({ ...read, authorization: '' })).not.toContain('p@ss')
    expect(read.url).toBe('https://search.example/es')
  })

  it('is read from variables, over which flags win', () => {
    const environment = { ELASTICSEARCH_USERNAME: 'a', ELASTICSEARCH_PASSWORD: 'b' }
    expect(server({}, environment).authorization).toBe(basic('a:b'))
    expect(server({ username: 'c', password: 'd' }, environment).authorization).toBe(basic('c:d'))
    expect(server({}, { ...environment, ELASTICSEARCH_API_KEY: 'encoded==' }).authorization).toBe('ApiKey encoded==')
  })

  it('is an API key as a server gives it: encoded, or id and key', () => {
    expect(server({ 'api-key': 'encoded==' }).authorization).toBe('ApiKey encoded==')
    expect(server({ 'api-key': 'id:key' }).authorization).toBe(`ApiKey ${Buffer.from('id:key').toString('base64')}`)
    const file = join(directory, 'key')
    writeFileSync(file, 'encoded==\n')
    expect(server({ 'api-key-file': file }).authorization).toBe('ApiKey encoded==')
  })

  it.each([
    [{ username: 'a' }, /a username without a password/],
    [{ password: 'a' }, /a password without a username/],
    [{ 'api-key-file': '/nowhere' }, /--api-key-file \/nowhere: ENOENT/],
    [{ cert: 'a.pem' }, /--cert and --key go together/],
    [{ elasticsearch: 'search.example' }, /expected a URL/],
    [{ elasticsearch: 'ftp://search.example' }, /expected http or https/],
    [{ elasticsearch: 'http://search.example', 'ca-fingerprint': 'ab' }, /--ca-fingerprint wants an https URL/],
    [{ engine: 'solr' }, /--engine solr: expected elasticsearch or opensearch/],
    [{ index: '' }, /go together/],
    [{ parallel: '0' }, /--parallel 0: expected a whole number from 1 to 64/],
  ])('is refused where it is half said, and other flags where they make no sense: %o', (flags, message) => {
    expect(() => server(flags)).toThrow(UsageError)
    expect(() => server(flags)).toThrow(message)
  })
})

describe('--query', () => {
  const query = (text: string): object | undefined =>
    readSearchFlags({ ...URL_FLAGS, query: text }, undefined, {}).query

  it('takes a query, a search body, a file with either, or the words of a search bar', () => {
    const term = { term: { device: 'phone' } }
    expect(query(JSON.stringify(term))).toEqual(term)
    expect(query(JSON.stringify({ query: term }))).toEqual(term)
    const file = join(directory, 'query.json')
    writeFileSync(file, JSON.stringify(term))
    expect(query(`@${file}`)).toEqual(term)
    expect(query('device:phone AND status:200')).toEqual({ query_string: { query: 'device:phone AND status:200' } })
    expect(() => query('{broken')).toThrow(/--query \{broken/)
  })

  it.each(['', ' ', '{"query":5}', '{"query":null}', '@null.json', '@list.json', '@nowhere.json'])(
    'refuses %j',
    (text) => {
      writeFileSync(join(directory, 'null.json'), 'null')
      writeFileSync(join(directory, 'list.json'), '[{"term":{"device":"phone"}}]')
      expect(() => query(text.replace('@', `@${directory}/`))).toThrow(UsageError)
      expect(() => query(text.replace('@', `@${directory}/`))).toThrow(/^--query /)
    },
  )
})

describe('lengths of time', () => {
  it('have a unit', () => {
    expect(['250ms', '30s', '5m', '1h', '2d'].map((text) => parseDuration(text, '--slice'))).toEqual([
      250, 30_000, 300_000, 3_600_000, 172_800_000,
    ])
    for (const text of ['', '5', '0s', '1.5h', '-1h', '1 h', 'h']) {
      expect(() => parseDuration(text, '--slice')).toThrow(UsageError)
    }
  })
})

describe('a stream', () => {
  it('begins now when it is endless, else with the first event, or where it is told', () => {
    const from = (flags: object): number | undefined => readFollowFlags(flags, 1_000).fromMilliseconds
    expect(from({ follow: true, checkpoint: 'c' })).toBe(1_000)
    expect(from({})).toBeUndefined()
    expect(from({ follow: true, checkpoint: 'c', from: 'beginning' })).toBeUndefined()
    expect(from({ from: '2024-11-17T21:53:01+01:00' })).toBe(Date.UTC(2024, 10, 17, 20, 53, 1))
    expect(() => from({ from: '2024-11-17' })).toThrow(UsageError)
    expect(() => from({ follow: true })).toThrow('--follow goes with --checkpoint FILE')
  })

  it('goes to an address of a worker', () => {
    for (const url of ['http://127.0.0.1:8787/v1/events', 'https://e.example/v1/models/m/versions/1.0.0/predict']) {
      expect(readTarget(url)).toBe(url)
    }
    for (const url of ['127.0.0.1/v1/events', 'http://127.0.0.1:8787', 'http://127.0.0.1/v1/stats']) {
      expect(() => readTarget(url)).toThrow(UsageError)
    }
  })
})
