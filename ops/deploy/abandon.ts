/** Rolls an interrupted rollout back; does nothing where none is under way. `node ops/deploy/abandon.ts`. Exit code 3: it failed. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { installedWrangler } from '../../src/cli/deploy/wrangler.ts'
import { finish, ROLLOUT_FILE } from './setting.ts'
import { rollBack } from './versions.ts'

const rolloutSchema = z.object({
  environment: z.string(),
  before: z.string(),
  version: z.string(),
  isOver: z.boolean(),
})

const run = async (): Promise<number> => {
  const { memory } = parseArgs({ options: { memory: { type: 'string', default: ROLLOUT_FILE } } }).values
  if (!existsSync(memory)) return 0
  const { environment, before, isOver } = rolloutSchema.parse(JSON.parse(readFileSync(memory, 'utf8')))
  if (isOver) return 0
  if (!(await rollBack(installedWrangler(), environment, before, 'the rollout was interrupted', console.error)))
    return 3
  rmSync(memory)
  console.log(`all traffic is back on ${before}`)
  return 0
}

finish(run())
