/** W3C Trace Context: the header that ties an answer to the request that asked for it. */

/**
 * https://www.w3.org/TR/trace-context/#traceparent-header: version 00 is exactly its four parts; a later version begins alike, and what it
 * adds follows a dash. Version ff and ids of nothing but zeros are invalid.
 */
const TRACEPARENT =
  /^(?:00|(?!00|ff)[0-9a-f]{2}(?=.{53}(?:-|$)))-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}/
const LENGTH_OF_VERSION_0 = 55

export const isTraceparent = (header: string): boolean =>
  TRACEPARENT.test(header) && (header.length === LENGTH_OF_VERSION_0 || !header.startsWith('00'))

/** The ids of a `traceparent`, 32 and 16 hexadecimal digits; `null` where it is none. */
export const traceIds = (traceparent: string | null): { readonly traceId: string; readonly parentId: string } | null =>
  traceparent === null || !isTraceparent(traceparent)
    ? null
    : { traceId: traceparent.slice(3, 35), parentId: traceparent.slice(36, 52) }

/** The trace as it is handed on by the span `spanId`, in version 00 whatever came: the parts after the flags are not known to us. */
export const handOn = (traceparent: string, spanId: string): string =>
  `00-${traceparent.slice(3, 36)}${spanId}-${traceparent.slice(53, 55)}`

/** What a line of the log says of the trace it belongs to, and of the span that handed it on. */
export const traceFields = (
  traceparent: string | null,
): { readonly 'trace.id'?: string; readonly 'labels.parent_span_id'?: string } => {
  const ids = traceIds(traceparent)
  return ids === null ? {} : { 'trace.id': ids.traceId, 'labels.parent_span_id': ids.parentId }
}

/** A request id that may be echoed: printable ASCII, 1 to 128 characters. */
export const isRequestId = (header: string): boolean => /^[\x21-\x7e]{1,128}$/.test(header)
