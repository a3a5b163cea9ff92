/** What the worker of the soak tells of itself: JSON between its entry and the runner. */

/** Answers with a `Census`. */
export const CENSUS_PATH = '/soak/census'
/** Answers with a `Lag`, at once. */
export const LAG_PATH = '/soak/lag'

/** Messages since the start: those the queue took, and those that were acknowledged. */
export interface Lag {
  readonly sent: number
  readonly done: number
}

/** What the objects of one class hold, all of them together. */
export interface ObjectCensus {
  /** Pages in use, as SQLite counts them. */
  readonly bytes: number
  readonly rows: Readonly<Record<string, number>>
}

/** What lies in a bucket under one prefix. */
export interface PrefixCensus {
  readonly objects: number
  readonly bytes: number
}

export interface Census extends Lag {
  /** WebAssembly memory of ONNX Runtime. */
  readonly wasmBytes: number
  readonly objects: Readonly<Record<string, ObjectCensus>>
  /** Of the bucket of the archive, by the first part of the key. */
  readonly archive: Readonly<Record<string, PrefixCensus>>
}

/** How long event ids are remembered here: a day of them would grow all the time. */
export const ID_WINDOW_SECONDS = 30

/** Settings under which what is to be flat is flat within minutes, and what is counted is counted exactly. */
export const SOAK_VARIABLES = {
  /** No letter is only counted, so that each is found again. */
  DEAD_LETTER_HOURLY: '1000000',
  /** With a clock that is two hours ahead, see soak-worker.ts, the objects of now are old enough to be joined. */
  COMPACT_AFTER_SECONDS: '60',
  ARCHIVE_PREDICT_SHARE: '0.02',
} as const
