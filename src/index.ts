/** Nearcast's front door: the fetch handler and the Durable Object classes. */
import { createApp } from './http/app.ts'
import { servicesFor } from './services.ts'

export { DeadLetters } from './durable/dead-letters.ts'
export { EventOwners } from './durable/event-owners.ts'
export { StatsAggregator } from './durable/stats-aggregator.ts'
export { BoundReleaseController as ReleaseController, BoundWatch as Watch } from './services.ts'

export default { fetch: createApp(servicesFor).fetch }
