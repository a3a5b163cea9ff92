/** Refuses the few media types that cannot be JSON: everything else is read, whatever it calls itself. */
import { Failure } from '../core/failure.ts'

/** Families and types of bytes that are never text. */
const BINARY =
  /^(?:(?:multipart|image|audio|video|font)\/|application\/(?:octet-stream|pdf|wasm|cbor|parquet|avro|msgpack|protobuf|(?:x-)?(?:zip|gzip|tar|bzip2|7z-compressed|xz|zstd|msgpack|protobuf)|x-zip-compressed|vnd\.(?:apache\.(?:parquet|avro|arrow)|google\.protobuf|msgpack))\b)/

/**
 * Throws `unsupported_media_type` for multipart, compressed and binary bodies; a bare `curl -d` (form type), `sendBeacon` (text/plain)
 * and no type at all pass. Both arguments are header values as received.
 */
export const refuseMediaType = (contentType: string | null, contentEncoding: string | null): void => {
  const compressed = (contentEncoding ?? '')
    .split(',')
    .map((encoding) => encoding.trim().toLowerCase())
    .find((encoding) => encoding !== '' && encoding !== 'identity')
  if (compressed !== undefined) {
    throw new Failure(
      'unsupported_media_type',
      `content-encoding ${compressed} is not read here; send the body uncompressed`,
    )
  }
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (BINARY.test(type)) {
    throw new Failure('unsupported_media_type', `content-type ${type} is not read here; send JSON or NDJSON`)
  }
}
