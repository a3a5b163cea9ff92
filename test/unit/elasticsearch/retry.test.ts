import { describe, expect, it } from 'vitest'
import {
  connectionFailure,
  reasonOf,
  retryAfter,
  ServerFailure,
  statusFailure,
} from '../../../src/cli/elasticsearch/failure.ts'
import { pauseAfter, retrying } from '../../../src/cli/elasticsearch/retry.ts'

const passing = new ServerFailure('busy', { isPassing: true, retryAfterMilliseconds: 0 })

describe('the pause before another try', () => {
  it('is a random share of a bound that doubles up to ten seconds', () => {
    expect([1, 2, 3, 9].map((attempt) => pauseAfter(attempt, undefined, 1))).toEqual([250, 500, 1_000, 10_000])
    expect(pauseAfter(5, undefined, 0)).toBe(0)
  })

  it('is no shorter than the server asked for, within two minutes', () => {
    expect(pauseAfter(1, 3_000, 0.5)).toBe(3_000)
    expect(pauseAfter(1, 3_600_000, 0.5)).toBe(120_000)
  })
})

describe('Retry-After', () => {
  it('is seconds or a date', () => {
    expect(retryAfter('7', 0)).toBe(7_000)
    expect(retryAfter('Thu, 01 Jan 1970 00:00:09 GMT', 4_000)).toBe(5_000)
    expect(retryAfter('soon', 0)).toBeUndefined()
    expect(retryAfter(undefined, 0)).toBeUndefined()
  })
})

describe('trying again', () => {
  it('goes on while the failure may pass, so often at most', async () => {
    let runs = 0
    const run = async (): Promise<string> => {
      if (++runs < 3) throw passing
      return 'done'
    }
    expect(await retrying(run, 3, new AbortController().signal)).toBe('done')
    runs = -9
    await expect(retrying(run, 3, new AbortController().signal)).rejects.toThrow('busy (3 attempts)')
    expect(runs).toBe(-6)
  })

  it('ends at once for what does not pass, and when it is stopped', async () => {
    const lasting = async (): Promise<never> => {
      throw new ServerFailure('no such index', { isPassing: false })
    }
    await expect(retrying(lasting, 5, new AbortController().signal)).rejects.toThrow(/^no such index$/)
    const stop = new AbortController()
    const waiting = retrying(
      () => Promise.reject(new ServerFailure('busy', { isPassing: true, retryAfterMilliseconds: 60_000 })),
      5,
      stop.signal,
    )
    setTimeout(() => stop.abort(new Error('stopped')), 20)
    await expect(waiting).rejects.toThrow('stopped')
  })
})

describe('what a failure says', () => {
  it('is the cause that the server names', () => {
    const body = JSON.stringify({
      error: { root_cause: [{ reason: 'no such index [x]' }], reason: 'all shards failed' },
    })
    expect(statusFailure(404, body, undefined).message).toBe('answered 404: no such index [x]')
    expect(reasonOf('{"title":"Too large","detail":"4 MiB at most"}')).toBe('4 MiB at most')
    expect(reasonOf('<html>\n  bad gateway</html>')).toBe('<html> bad gateway</html>')
  })

  it('tells what may pass from what does not', () => {
    expect([429, 500, 502, 503, 504].every((status) => statusFailure(status, '', undefined).isPassing)).toBe(true)
    expect([400, 401, 403, 404, 413].some((status) => statusFailure(status, '', undefined).isPassing)).toBe(false)
    expect(connectionFailure(new Error('connect ECONNREFUSED')).isPassing).toBe(true)
    const untrusted = connectionFailure(new Error('self-signed certificate in certificate chain'))
    expect([untrusted.isPassing, untrusted.message]).toEqual([
      false,
      'the connection failed: self-signed certificate in certificate chain; --ca FILE names the certificate to trust',
    ])
  })
})
