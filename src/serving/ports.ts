/** What the verbs need from outside, each port declared where it is used and implemented in src/adapters. */
import type { Deadline } from '../core/clock.ts'
import type { Release } from '../core/release/release.ts'
import type { StatisticsDelta } from '../core/statistics/delta.ts'
import type { ReleaseNews } from '../core/statistics/replies.ts'
import type { StatisticsReport, StatisticsWindow } from '../core/statistics/report.ts'
import type { ZipPack } from '../core/zip/zip-pack.ts'
import type { Prediction } from '../protocol/answers.ts'
import type { Manifest, TensorDatatype } from '../protocol/manifest.ts'

/** A store answered, with something else than what belongs there: it is up. */
export class StoreGarbage extends Error {
  override readonly name = 'StoreGarbage'
}

/** Why a zip pack could not be read: the store failed, holds something else under that key, or was not asked since it has just failed. */
export class ZipStoreFault extends Error {
  override readonly name = 'ZipStoreFault'
  constructor(
    readonly kind: 'error' | 'corrupt' | 'skipped',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Packed zip features. Rejects with a `ZipStoreFault` when the store fails. */
export interface ZipPackStore {
  /** Each asked pack, at most a hundred: `null` where the store has none, a `corrupt` fault where something else stands in its place. */
  read(zip3s: readonly string[], deadline: Deadline): Promise<ReadonlyMap<string, ZipPack | null | ZipStoreFault>>
}

/** `data` holds the rows one after the other. */
export interface Tensor {
  readonly datatype: TensorDatatype
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | readonly string[]
}
export type Tensors = { readonly [name: string]: Tensor }

/**
 * A model loaded and ready. `run` may be called again before the last call has returned, and rejects with Failure `model_failed`; `release` frees
 * its memory, once.
 */
export interface ModelSession {
  readonly inputs: readonly {
    readonly name: string
    readonly datatype: TensorDatatype
    readonly shape: readonly (number | string)[]
  }[]
  readonly outputs: readonly { readonly name: string }[]
  run(inputs: Tensors, outputNames: readonly string[]): Promise<Tensors>
  release(): Promise<void>
}

/** Loads ONNX graphs. */
export interface ModelRuntime {
  open(model: Uint8Array): Promise<ModelSession>
}

/** A version's files as the model repository keeps them. */
export interface ModelFiles {
  readonly manifest: Manifest
  readonly model: Uint8Array
}

/** Where versions are kept. Resolves to `null` where the version is absent. */
export interface ModelRepository {
  versions(model: string): readonly string[]
  models(): readonly string[]
  load(model: string, version: string, deadline: Deadline): Promise<ModelFiles | null>
}

/** What can be said of a version without running it. */
export interface VersionProfile {
  readonly manifest: Manifest
  /** The mean of each output over the rows of its reference profile. */
  readonly means: Prediction['outputs']
}

/** Resolves to `null` where the version is absent or its reference profile does not tell the mean of each output. */
export interface ReferenceProfiles {
  read(model: string, version: string, deadline: Deadline): Promise<VersionProfile | null>
}

/** What this isolate knows of a model's release; from memory, never waiting. `null`: no such model. */
export interface Releases {
  current(model: string): Release | null
}

/** Copies of the releases that are there when no controller answers, and behind. `null`: nothing was ever released. Rejects when the store fails or holds something else. */
export interface ReleaseStore {
  read(model: string, deadline: Deadline): Promise<Release | null>
}

/** The statistics objects. `send` may be repeated with the same delta: it is applied once. Its reply tells what they know of the releases. */
export interface Statistics {
  send(delta: StatisticsDelta, deadline: Deadline): Promise<readonly ReleaseNews[]>
  read(window: StatisticsWindow, deadline: Deadline): Promise<StatisticsReport>
}

/** Timers, apart from the clock so that tests can hold both. */
export interface Timers {
  sleep(milliseconds: number): Promise<void>
  /** Calls `ring` once, after so long, unless the returned function is called before. Without it a deadline's timer stays until it has run out. */
  alarm?(milliseconds: number, ring: () => void): () => void
}

/** Work that outlives the answer: a rejection is logged under `what`, never lost. */
export type Background = (work: Promise<unknown>, what: string) => void
