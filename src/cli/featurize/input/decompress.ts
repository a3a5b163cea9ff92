/** Bytes as they were before gzip or zstd, which are recognised by their first bytes. */
import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { SourceFailure } from '../source.ts'

export type Compression = 'gzip' | 'zstd'

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
]
export const MAGIC_BYTES = 4

/** Fewer, larger pieces: each costs a turn through the event loop. */
const PIECE_BYTES = 2 ** 20

/** How `start`, the first bytes of an input, says that it is compressed; `undefined` where it is not. */
export const compressionOf = (start: Uint8Array): Compression | undefined =>
  MAGIC.find(([, magic]) => magic.every((byte, index) => start[index] === byte))?.[0]

/** Throws a SourceFailure where this Node.js has no zstd. */
export const decompressor = (compression: Compression, name: string): Transform => {
  if (compression === 'gzip') return zlib.createGunzip({ chunkSize: PIECE_BYTES })
  if (typeof zlib.createZstdDecompress !== 'function') {
    throw new SourceFailure(
      `${name} is compressed with zstd, which wants Node.js 22.15 or newer; this is ${process.versions.node}: zstd -dc ${name} | nearcast featurize -`,
    )
  }
  return zlib.createZstdDecompress({ chunkSize: PIECE_BYTES })
}
