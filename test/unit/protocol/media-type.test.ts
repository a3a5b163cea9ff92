/** Which content types and encodings are refused. */
import { describe, expect, it } from 'vitest'
import { refuseMediaType } from '../../../src/protocol/media-type.ts'
import { thrownFailure } from '../../support/thrown-failure.ts'

describe('a body is read when it comes as', () => {
  it.each([
    [null, null],
    ['', ''],
    ['application/json', null],
    ['application/json; charset=utf-8', 'identity'],
    ['application/x-ndjson', 'Identity, identity'],
    ['application/x-www-form-urlencoded', null],
    ['text/plain;charset=UTF-8', null],
    ['application/vnd.elasticsearch+json; compatible-with=9', null],
    ['application/zipcodes+json', null],
    ['nonsense', null],
  ])('%s, %s', (contentType, contentEncoding) => {
    expect(() => refuseMediaType(contentType, contentEncoding)).not.toThrow()
  })
})

describe('a body is refused when it comes as', () => {
  it.each([
    ['multipart/form-data; boundary=x', null, 'multipart/form-data'],
    ['Multipart/Mixed', null, 'multipart/mixed'],
    ['image/png', null, 'image/png'],
    ['application/octet-stream', null, 'octet-stream'],
    ['application/zip', null, 'application/zip'],
    ['application/gzip', null, 'application/gzip'],
    ['application/x-gzip', null, 'application/x-gzip'],
    ['application/vnd.apache.parquet', null, 'parquet'],
    ['application/json', 'gzip', 'content-encoding gzip'],
    ['application/json', 'identity, BR', 'content-encoding br'],
  ])('%s, %s', (contentType, contentEncoding, message) => {
    const failure = thrownFailure(() => refuseMediaType(contentType, contentEncoding))
    expect(failure.code).toBe('unsupported_media_type')
    expect(failure.message).toContain(message)
  })
})
