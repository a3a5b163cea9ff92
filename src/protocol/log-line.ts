/** What goes to the console: an entry of the log, at this moment, of this version of the code. */
import packageJson from '../../package.json' with { type: 'json' }
import { type LogEntry, logLine } from '../core/log-entry.ts'

export const lineOf = (entry: LogEntry): string =>
  logLine(entry, { epochMilliseconds: Date.now(), version: packageJson.version })
