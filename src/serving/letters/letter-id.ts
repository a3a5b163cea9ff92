/** The name of the dead letter of an event that was accepted. */
import { murmur3 } from '../../core/hash/murmur3.ts'

const encoder = new TextEncoder()

/** 32 hexadecimal digits made of the ids of message and event: giving an event of a message up twice makes one letter. */
export const letterId = (message: string, event: string): string => murmur3(encoder.encode(`${message}\n${event}`))
