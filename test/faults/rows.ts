/** The fault table's rows, in order. */
import type { Row } from './row.ts'
import { CLOCK_ROWS } from './rows-clock.ts'
import { KILL_ROWS } from './rows-kill.ts'
import { MODEL_ROWS } from './rows-models.ts'
import { OBJECT_ROWS } from './rows-objects.ts'
import { QUEUE_ROWS } from './rows-queue.ts'
import { STORE_ROWS } from './rows-stores.ts'

export const ROWS: readonly Row[] = [
  ...STORE_ROWS,
  ...QUEUE_ROWS,
  ...OBJECT_ROWS,
  ...MODEL_ROWS,
  ...KILL_ROWS,
  ...CLOCK_ROWS,
]
