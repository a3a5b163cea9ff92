/** The hits of one search answer: where each begins and ends, its sort values and its identity, without parsing any document. */
import { Kind } from '../../core/scan/codes.ts'
import { RecordReader } from '../../core/scan/records.ts'
import { ScanFailure } from '../../core/scan/scan-failure.ts'
import { readString, readText } from '../../core/scan/values.ts'
import { reasonOf, ServerFailure } from './failure.ts'

const SORT = 0
const ID = 1
const INDEX = 2

/** What stands around the hits. */
interface Envelope {
  readonly pit_id?: string
  readonly timed_out?: boolean
  readonly _shards?: { readonly failed?: number; readonly failures?: readonly { readonly reason?: object }[] }
  readonly _clusters?: { readonly skipped?: number; readonly partial?: number; readonly failed?: number }
}

export interface Hit {
  /** Places in the answer's bytes. */
  readonly start: number
  readonly end: number
  /** The raw text of each sort value. */
  readonly sort: readonly string[]
  /** Index and id: no two documents have the same. */
  readonly key: string
}

export interface Page {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly hits: readonly Hit[]
  readonly pitId: string | undefined
}

/** Sort values are numbers: no comma stands inside one. */
const sortValues = (text: string): string[] =>
  text
    .slice(1, -1)
    .split(',')
    .map((value) => value.trim())

const decoder = new TextDecoder()

/** The answer without its hits, small enough to parse; it proves that the answer is whole. */
const readEnvelope = (bytes: Uint8Array, hits: readonly Hit[]): Envelope => {
  const start = hits[0]?.start ?? bytes.length
  const end = hits.at(-1)?.end ?? bytes.length
  const text = decoder.decode(bytes.subarray(0, start)) + decoder.decode(bytes.subarray(end))
  try {
    return JSON.parse(text) as Envelope
  } catch (error) {
    throw new ServerFailure('the answer breaks off, or is no search answer', { isPassing: true }, { cause: error })
  }
}

/** Refuses an answer that lacks hits: a page is whole or it is none. */
const checkWhole = ({ timed_out, _shards, _clusters }: Envelope): void => {
  const failure = _shards?.failures?.[0]?.reason
  if (timed_out === true) throw new ServerFailure('the search timed out on the server', { isPassing: true })
  if ((_shards?.failed ?? 0) > 0) {
    const body = JSON.stringify({ error: failure ?? {} })
    throw new ServerFailure(`${_shards?.failed} shards failed: ${reasonOf(body)}`, { isPassing: true, body })
  }
  const { skipped = 0, partial = 0, failed = 0 } = _clusters ?? {}
  if (skipped + partial + failed > 0) {
    throw new ServerFailure('a remote cluster did not answer in full', { isPassing: true })
  }
}

/** Reads answers one after the other. It keeps one scanner for all: each takes megabytes of WebAssembly memory. */
export class PageReader {
  private reader: RecordReader | undefined
  /** Bytes that the scanner has seen before the present page. */
  private offset = 0

  /** Throws a ServerFailure where `bytes` is not a whole search answer. */
  read(bytes: Uint8Array<ArrayBuffer>): Page {
    try {
      const hits = this.hitsOf(bytes)
      const envelope = readEnvelope(bytes, hits)
      checkWhole(envelope)
      return { bytes, hits, pitId: envelope.pit_id }
    } catch (error) {
      // It stands somewhere inside the answer.
      this.reader = undefined
      this.offset = 0
      if (!(error instanceof ScanFailure)) throw error
      const isPassing = error.code !== 'record_too_large'
      throw new ServerFailure(`the answer cannot be read: ${error.message}`, { isPassing }, { cause: error })
    }
  }

  private hitsOf(bytes: Uint8Array): Hit[] {
    this.reader ??= new RecordReader({ format: 'pages', paths: [], outerPaths: ['sort', '_id', '_index'] })
    const { reader, offset } = this
    const hits: Hit[] = []
    for (const rows of reader.feed(bytes)) {
      const textOf = (row: number, value: number): string =>
        readString(rows.bytes, rows.valueStart(row, value), rows.valueEnd(row, value))
      for (let row = 0; row < rows.count; row++) {
        if (!rows.isSound(row) || rows.kind(row, SORT) !== Kind.array || rows.kind(row, ID) !== Kind.string) {
          throw new ServerFailure('answered with a hit that has no sort values or no _id', { isPassing: false })
        }
        hits.push({
          start: reader.offsetOf(rows.recordStart(row)) - offset,
          end: reader.offsetOf(rows.recordEnd(row)) - offset,
          sort: sortValues(readText(rows.bytes, rows.valueStart(row, SORT), rows.valueEnd(row, SORT))),
          key: `${textOf(row, INDEX)}/${textOf(row, ID)}`,
        })
      }
    }
    this.offset += bytes.length
    return hits
  }
}

const encoder = new TextEncoder()
const PAGE_HEAD = encoder.encode('{"hits":{"hits":[')
const PAGE_TAIL = encoder.encode(']}}')
const COMMA = 44

/** A search answer with just these of the page's hits; the page itself where they are all. The page's bytes must not be used any more. */
export const cutPage = ({ bytes, hits }: Page, kept: readonly Hit[]): Uint8Array<ArrayBuffer> => {
  if (kept.length === hits.length) return bytes
  const size = kept.reduce((sum, { start, end }) => sum + end - start + 1, 0)
  const cut = new Uint8Array(PAGE_HEAD.length + Math.max(size - 1, 0) + PAGE_TAIL.length)
  cut.set(PAGE_HEAD)
  let at = PAGE_HEAD.length
  for (const [index, { start, end }] of kept.entries()) {
    if (index > 0) cut[at++] = COMMA
    cut.set(bytes.subarray(start, end), at)
    at += end - start
  }
  cut.set(PAGE_TAIL, at)
  return cut
}
