/** Starts the load process and gives it orders, one at a time. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadAnswer, LoadOrder, LoadReport } from './load-plan.ts'

export interface LoadProcess {
  run(order: LoadOrder): Promise<LoadReport>
  stop(): void
}

export const startLoadProcess = (): LoadProcess => {
  const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)))
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the load process ended with exit code ${String(code)}`)
  })
  ended.catch(() => undefined)
  return {
    async run(order) {
      child.send(order)
      const [answer] = (await Promise.race([once(child, 'message'), ended])) as [LoadAnswer]
      if ('error' in answer) throw new Error(`the load process failed: ${answer.error}`)
      return answer.report
    },
    stop: () => void child.kill(),
  }
}
