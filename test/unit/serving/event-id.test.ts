/** The identity of an event that came without an id. */
import { describe, expect, it } from 'vitest'
import { contentId } from '../../../src/serving/event-id.ts'

describe('the identity made of the content', () => {
  it('is the same in every try to send the event', () => {
    const id = contentId({ createdDateTime: 1, page: '/' })
    expect(contentId({ createdDateTime: 1, page: '/', sent_at: 2 })).toBe(id)
    expect(contentId({ createdDateTime: 1, sent_at: null, page: '/' })).toBe(id)
  })

  it('is another where anything else differs, a sent_at further in too', () => {
    const id = contentId({ createdDateTime: 1, mail: { sent_at: 2 } })
    expect(contentId({ createdDateTime: 1, mail: { sent_at: 3 } })).not.toBe(id)
  })
})
