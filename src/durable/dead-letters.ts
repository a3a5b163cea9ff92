/** The dead letters. */
import { DurableObject } from 'cloudflare:workers'

export class DeadLetters extends DurableObject<unknown> {}
