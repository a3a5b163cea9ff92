/** The port to a search server: what the reader asks of Elasticsearch and OpenSearch alike. */
import type { Engine } from './server-options.ts'

export interface SearchServer {
  readonly engine: Engine
  readonly version: string
  /** Tells clusters apart, whatever address they are reached by. */
  readonly cluster: string | undefined
  /** Without credentials. */
  readonly url: string
  /**
   * The field that orders hits of one time. `_shard_doc` is unique in a point in time and means nothing in another; `_seq_no` is unique in a
   * shard and the same in every point in time.
   */
  readonly tiebreak: '_shard_doc' | '_seq_no'
  /** Every method rejects with a ServerFailure, or with `signal.reason` once `signal` has aborted. */
  openPit(index: string, keepAlive: string, signal: AbortSignal): Promise<string>
  closePit(id: string, signal: AbortSignal): Promise<void>
  /**
   * What `read` makes of the answer's own bytes, which stand in a buffer that holds nothing else. `body` is JSON and names a point in time.
   * Where `read` throws a passing ServerFailure the search is tried again, as where none came.
   */
  searchPit<T>(body: string, read: (bytes: Uint8Array<ArrayBuffer>) => T, signal: AbortSignal): Promise<T>
  /** Parsed, for questions whose answer holds no records. */
  search(index: string, body: object, signal: AbortSignal): Promise<unknown>
  /** For each field that is mapped, its types and how many of the indices have it so; `indices` names all that matched. */
  fieldTypes(index: string, fields: readonly string[], signal: AbortSignal): Promise<FieldTypes>
  close(): Promise<void>
}

export interface FieldTypes {
  readonly indices: readonly string[]
  readonly types: ReadonlyMap<string, readonly string[]>
}
