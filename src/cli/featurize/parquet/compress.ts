/** How pages are compressed. */
import * as zlib from 'node:zlib'
import { snappyCompressor } from 'hysnappy'
import { UsageError } from '../../command.ts'
import type { Codec } from '../plan.ts'

export type ParquetCodec = 'SNAPPY' | 'ZSTD' | 'UNCOMPRESSED'
export type Compress = (bytes: Uint8Array) => Uint8Array

/** zstd's own default is 3; 1 is twice as fast and hardly larger on feature columns. */
const ZSTD_LEVEL = 1

export const PARQUET_CODECS: Record<Codec, ParquetCodec> = { snappy: 'SNAPPY', zstd: 'ZSTD', none: 'UNCOMPRESSED' }

/** In Node.js since 22.15. */
export const canZstd = typeof zlib.zstdCompressSync === 'function'

/** Throws a UsageError where this Node.js has no zstd. */
export const compressorOf = (codec: Codec): Compress | undefined => {
  switch (codec) {
    case 'none':
      return undefined
    case 'snappy':
      return snappyCompressor()
    case 'zstd':
      if (!canZstd) {
        throw new UsageError(
          `--compression zstd wants Node.js 22.15 or newer; this is ${process.versions.node}: take snappy`,
        )
      }
      return (bytes) =>
        zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } })
  }
}
