/** Bytes that grow, reused from page to page. */
export class ByteSink {
  bytes = new Uint8Array(65_536)
  length = 0

  /** Makes room for `count` more bytes; `bytes` may be another array afterwards. */
  reserve(count: number): void {
    const wanted = this.length + count
    if (wanted <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(wanted, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }

  clear(): void {
    this.length = 0
  }

  /** An unsigned integer, seven bits a byte, the lowest first (ULEB128). */
  varint(value: number): void {
    this.reserve(5)
    let rest = value
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.length++] = rest
  }

  /** What was written; valid until the next change. */
  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length)
  }
}
