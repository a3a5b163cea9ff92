/** A throw-away worker to fuzz: the deployed bundle in workerd on local bindings, with everything it logs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deployedBundle } from '../../bench/bundle.ts'
import { ROOT } from '../../bench/root.ts'
import { createWorkerHost, type RunningWorker } from '../../bench/worker.ts'

/** Lines that tell of an error nobody foresaw: of the runtime, of a handler, or of work after the answer, which logs how it failed. */
const UNHANDLED =
  /uncaught|unhandled|\b(Type|Range|Reference|Syntax)Error\b|cannot read propert|is not a function|\bfailed: (?!Failure\b)/i

export interface FuzzedWorker {
  readonly origin: string
  readonly worker: RunningWorker
  /** Logged so far, in order. */
  readonly log: readonly string[]
  /** Those that tell of an error nobody foresaw. */
  unhandled(): readonly string[]
  stop(): Promise<void>
}

/** Waits for the zip codes to be written and the worker to listen: seconds. `variables` are those of src/config.ts. */
export const startFuzzedWorker = async (variables: Readonly<Record<string, string>> = {}): Promise<FuzzedWorker> => {
  const host = createWorkerHost()
  const log: string[] = []
  try {
    await host.seed(JSON.parse(readFileSync(join(ROOT, 'kv-seed', 'zips.json'), 'utf8')))
    const takeLog = ({ level, message }: { level: string; message: string }) => log.push(`${level}: ${message}`)
    const worker = await host.start(deployedBundle(), 'product', { takeLog, variables })
    return {
      origin: `http://127.0.0.1:${worker.port}`,
      worker,
      log,
      unhandled: () => log.filter((line) => UNHANDLED.test(line)),
      async stop() {
        await worker.stop()
        host.remove()
      },
    }
  } catch (error) {
    host.remove()
    throw error
  }
}
