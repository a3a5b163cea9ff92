/** `nearcast zips`. */
import type { Command } from '../command.ts'

export const command: Command = { summary: 'zips', help: '', run: () => Promise.resolve(1) }
