/** The session: a random id and three counts, in the tab's sessionStorage. */
import { attempt } from './attempt.ts'
import { NAME, randomHex } from './identity.ts'

type Session = [id: string, startedAt: number, seenAt: number, pageViews: number, events: number]

/** A session ends after half an hour in which nothing happened. */
const IDLE_MILLISECONDS = 1_800_000

let session: Session | undefined
/** Page views that were tracked since the page was loaded. */
let views = 0

export const saveSession = (): void =>
  attempt(() => {
    sessionStorage[NAME] = JSON.stringify(session)
  })

/** What an event says of its session; without a name it is no event of it. The first call counts the load of the page. */
export const sessionFields = (name: string | undefined, now: number): object => {
  const known = session ?? attempt(() => JSON.parse(sessionStorage[NAME]) as Session)
  // Whatever else the page has put there is no session.
  if (known && known[4] >= 0 && now - known[2] < IDLE_MILLISECONDS) {
    if (!session) known[3]++
    session = known
  } else session = [randomHex(16), now, now, 1, 0]
  session[2] = now
  // The load, which is counted, may tell its view too.
  if (name === 'page_view' && views++) session[3]++
  if (name) session[4]++
  const [id, startedAt, , pageViews, events] = session
  return {
    session_id: id,
    session: { page_views: pageViews, seconds: Math.round((now - startedAt) / 1_000), events },
  }
}
