import { describe, expect, it } from 'vitest'
import { FAILURE_CODES } from '../../../src/core/failure.ts'
import { isPermanent, retrySeconds, stageOf } from '../../../src/serving/consumer/event-failure.ts'

describe('a message that is delivered again', () => {
  it('waits twice as long each time, to half an hour, and half of it by chance', () => {
    const bounds = [1, 2, 3, 5, 10, 11, 50, 1_000].map((attempts) => [
      retrySeconds(attempts, 0),
      retrySeconds(attempts, 0.999_999),
    ])
    expect(bounds).toEqual([
      [1, 2],
      [2, 4],
      [4, 8],
      [16, 32],
      [512, 1_024],
      [900, 1_800],
      [900, 1_800],
      [900, 1_800],
    ])
  })
})

describe('a failure of a queued event', () => {
  it('is given up at once only where trying again cannot mend it', () => {
    expect(FAILURE_CODES.filter(isPermanent).sort()).toEqual([
      'ambiguous_time',
      'invalid_feature',
      'invalid_json',
      'invalid_time',
      'invalid_utf8',
      'missing_time',
      'model_failed',
      'not_an_event',
      'time_out_of_range',
      'too_deep',
      'unknown_object',
    ])
  })

  it('names the stage it was given up at', () => {
    expect(stageOf('missing_time', false)).toBe('read')
    expect(stageOf('model_failed', true)).toBe('predict')
    expect(stageOf('archive_unavailable', false)).toBe('archive')
    expect(stageOf('model_unavailable', false)).toBe('predict')
    expect(stageOf('model_unavailable', true)).toBe('deliver')
  })
})
