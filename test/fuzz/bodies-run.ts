/** Sends bodies through everything that reads them, and counts how they end. */
import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { systemClock, systemTimers } from '../../src/adapters/system-clock.ts'
import { Failure } from '../../src/core/failure.ts'
import { type BodyParts, readBytes } from '../../src/http/body.ts'
import type { Body } from './bodies-arbitrary.ts'
import { attempt, judge } from './bodies-judge.ts'
import { CHUNK, MAX_BODY_BYTES, makeChunk, readLogs } from './bodies-source.ts'

export interface Slowest {
  readonly milliseconds: number
  readonly bytes: number
  readonly begins: string
}

export interface Report {
  readonly bodies: number
  readonly logs: number
  readonly bytes: number
  /** Bodies of which every event can be predicted. */
  readonly accepted: number
  /** Failures of bodies and of events, by code. */
  readonly failures: Readonly<Record<string, number>>
  readonly slowest: Slowest
  /** Heap in use after garbage collection, median of the readings in the first tenth and in the last. */
  readonly warmMegabytes: number
  readonly lastMegabytes: number
  /** Of all that came out, in order: the same for the same seed and count. */
  readonly digest: string
}

/** The defaults of src/config.ts. */
const LIMITS: BodyParts['limits'] = { maxBodyBytes: MAX_BODY_BYTES, maxEvents: 1_000, maxKeys: 250_000 }

/** Chunks between two readings of the heap. */
const READ_MEMORY_EVERY = 5

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** One body in so many comes as a request, by turns with a length and in pieces, of which one in three breaks off; large ones always do. */
const REQUEST_EVERY = 16
const LARGE_BYTES = 50_000

const collectGarbage = (): (() => void) => {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}

/** `bytes` in three pieces; with `breaksOff` the third never comes. */
const inPieces = (bytes: Uint8Array, breaksOff: boolean): ReadableStream<Uint8Array> => {
  const cut = Math.floor(bytes.length / 3)
  const pieces = [bytes.slice(0, cut), bytes.slice(cut, 2 * cut), bytes.slice(2 * cut)]
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift()
      if (piece === undefined) controller.close()
      else if (breaksOff && pieces.length === 0) controller.error(new Error('the connection is gone'))
      else controller.enqueue(piece)
    },
  })
}

/** The bytes of the body as a request brings them, or the code of the Failure. */
const receive = async (body: Body, turn: number): Promise<Uint8Array | string> => {
  const isStream = turn % 2 === 1
  const breaksOff = isStream && turn % 3 === 1
  const request = isStream
    ? new Request('http://a/', { method: 'POST', body: inPieces(body.bytes, breaksOff), duplex: 'half' } as RequestInit)
    : new Request('http://a/', {
        method: 'POST',
        body: body.bytes as Uint8Array<ArrayBuffer>,
        headers: { 'content-length': String(body.bytes.length) },
      })
  try {
    const bytes = await readBytes(request, { limits: LIMITS, clock: systemClock, timers: systemTimers })
    if (breaksOff || Buffer.compare(bytes, body.bytes) !== 0) throw new Error('other bytes arrived than were sent')
    return bytes
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
}

/**
 * Reads `count` bodies, the same ones for the same `seed`. Throws at the first that ends otherwise than it may, with the body as Latin-1 JSON.
 */
export const fuzzBodies = async (count: number, seed: number, progress?: (done: number) => void): Promise<Report> => {
  const logs = readLogs()
  const digest = createHash('sha256')
  const failures = new Map<string, number>()
  const collect = collectGarbage()
  let accepted = 0
  let bytes = 0
  let slowest: Slowest = { milliseconds: 0, bytes: 0, begins: '' }
  const readings: number[] = []

  const end = (codes: readonly string[], trace: string): void => {
    for (const code of codes) failures.set(code, (failures.get(code) ?? 0) + 1)
    digest.update(trace).update('\n')
  }
  const read = async (body: Body, turn: number): Promise<void> => {
    const isRequest = turn % REQUEST_EVERY === 0 || body.bytes.length > LARGE_BYTES
    const received = isRequest ? await receive(body, Math.floor(turn / REQUEST_EVERY)) : body.bytes
    if (typeof received === 'string') return end([received], received)
    const verdict = judge({ ...body, bytes: Buffer.from(received) }, LIMITS)
    if (verdict.accepted) accepted++
    end(verdict.codes, verdict.trace)
  }

  const chunks = Math.ceil(count / CHUNK)
  for (let chunk = 0; chunk < chunks; chunk++) {
    const bodies = makeChunk(seed, chunk, logs).slice(0, count - chunk * CHUNK)
    for (const [place, body] of bodies.entries()) {
      const start = performance.now()
      try {
        await read(body, chunk * CHUNK + place)
      } catch (cause) {
        const shown = JSON.stringify(body.bytes.subarray(0, 20_000).toString('latin1'))
        throw new Error(`body ${place} of chunk ${chunk}, seed ${seed}, ${body.contentType}, ${body.batch}: ${shown}`, {
          cause,
        })
      }
      let milliseconds = performance.now() - start
      if (milliseconds > slowest.milliseconds) {
        // Once more: the first time may have been the garbage collector's, or another process's.
        const again = performance.now()
        attempt(() => judge(body, LIMITS))
        milliseconds = Math.min(milliseconds, performance.now() - again)
      }
      bytes += body.bytes.length
      if (milliseconds > slowest.milliseconds) {
        slowest = { milliseconds, bytes: body.bytes.length, begins: body.bytes.subarray(0, 60).toString('latin1') }
      }
    }
    // Deadlines that have passed let go of what they held only when the event loop comes to them.
    await new Promise(setImmediate)
    if (chunk % READ_MEMORY_EVERY === 0) {
      collect()
      readings.push(process.memoryUsage().heapUsed / 1e6)
    }
    progress?.(Math.min(count, (chunk + 1) * CHUNK))
  }
  return {
    bodies: count,
    logs: logs.length,
    bytes,
    accepted,
    failures: Object.fromEntries([...failures].sort(([, a], [, b]) => b - a)),
    slowest,
    warmMegabytes: median(readings.slice(0, Math.ceil(readings.length / 10))),
    lastMegabytes: median(readings.slice(-Math.ceil(readings.length / 10))),
    digest: digest.digest('hex').slice(0, 16),
  }
}
