/** `nearcast train`. */
import type { Command } from '../command.ts'

export const command: Command = { summary: 'train', help: '', run: () => Promise.resolve(1) }
