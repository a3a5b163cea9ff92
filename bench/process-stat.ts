/** What Linux tells of another process: its children, the CPU time it has used, the memory it holds. */
import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ, the unit of CPU time in /proc/<pid>/stat: 100 a second on every Linux that Node runs on (proc(5), `getconf CLK_TCK`). */
const TICK_MILLISECONDS = 10
const PAGE_BYTES = 4_096

export const canReadProcesses = process.platform === 'linux'

/** The fields after the command, which may itself hold spaces and brackets: `state` is number 0 (proc(5) calls it 3). */
const fieldsOf = (pid: number): { readonly command: string; readonly fields: readonly string[] } => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const end = text.lastIndexOf(')')
  return { command: text.slice(text.indexOf('(') + 1, end), fields: text.slice(end + 2).split(' ') }
}

/** The processes that this one started under the name `command`. */
export const childrenNamed = (command: string): number[] =>
  readdirSync('/proc').flatMap((name) => {
    const pid = Number(name)
    if (!Number.isInteger(pid)) return []
    try {
      const stat = fieldsOf(pid)
      return stat.command === command && Number(stat.fields[1]) === process.pid ? [pid] : []
    } catch {
      // It ended between the listing and the reading.
      return []
    }
  })

/** User and system time of all threads, milliseconds, in steps of ten. */
export const cpuMilliseconds = (pid: number): number => {
  const { fields } = fieldsOf(pid)
  return (Number(fields[11]) + Number(fields[12])) * TICK_MILLISECONDS
}

export const residentBytes = (pid: number): number => Number(fieldsOf(pid).fields[21]) * PAGE_BYTES
