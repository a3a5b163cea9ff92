/** Nearcast's front door: the fetch handler and the Durable Object classes. */
import { createArchiveTender } from './archive-services.ts'
import { createApp } from './http/app.ts'
import { consumerFor, createQueue } from './queue/consume-events.ts'
import { createScheduled } from './queue/scheduled.ts'
import { servicesFor } from './services.ts'

export { StatsAggregator } from './durable/stats-aggregator.ts'
export {
  BoundDeadLetters as DeadLetters,
  BoundEventOwners as EventOwners,
  BoundReleaseController as ReleaseController,
  BoundWatch as Watch,
} from './services.ts'

export default {
  fetch: createApp(servicesFor).fetch,
  queue: createQueue((env) => consumerFor(servicesFor(env))),
  scheduled: createScheduled((env) => createArchiveTender(env as Env)),
}
