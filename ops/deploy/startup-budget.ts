/** Measures the CPU time of the start, and fails above the budget. `npx node ops/deploy/startup-budget.ts`. */
import { measureStartupCpu } from '../../bench/startup-cpu.ts'

/** Cloudflare allows 1 s (Workers limits, read 2026-11), on machines that may be slower than this one. */
const BUDGET_MILLISECONDS = 600

const { activeMilliseconds, wasmMilliseconds } = measureStartupCpu()
console.log(
  `start: ${activeMilliseconds} ms of CPU, ${wasmMilliseconds} of them in WebAssembly; budget ${BUDGET_MILLISECONDS} ms`,
)
if (activeMilliseconds === 0) throw new Error('the profile holds nothing')
if (activeMilliseconds > BUDGET_MILLISECONDS) process.exitCode = 1
