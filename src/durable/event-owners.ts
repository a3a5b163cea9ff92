/** One shard of the event owners: which message, or dead letter, an event id belongs to. */
import { DurableObject } from 'cloudflare:workers'

export class EventOwners extends DurableObject<unknown> {}
