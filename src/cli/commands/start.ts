/** `nearcast start`. */
import type { Command } from '../command.ts'

export const command: Command = { summary: 'start', help: '', run: () => Promise.resolve(1) }
