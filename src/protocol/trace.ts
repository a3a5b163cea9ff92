/** W3C Trace Context: the header that ties an answer to the request that asked for it. */

/** Version 00 of https://www.w3.org/TR/trace-context/#traceparent-header, and later versions that begin alike. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/

export const isTraceparent = (header: string): boolean => TRACEPARENT.test(header)

/** A request id that may be echoed: printable ASCII, 1 to 128 characters. */
export const isRequestId = (header: string): boolean => /^[\x21-\x7e]{1,128}$/.test(header)
