/** Finds where a text stops being JSON, since the messages of JSON.parse differ between engine releases and often name no place. */

export interface JsonFault {
  /** Index into the text. */
  readonly offset: number
  /** What should have stood there. */
  readonly expected: string
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isHex = (code: number): boolean => isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)
const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9

/** Recognises RFC 8259. Each method goes past what it reads, or stops at the fault and returns what it expected. */
class Recogniser {
  constructor(
    private readonly text: string,
    public at: number,
    private readonly end: number,
  ) {}

  /** The code at the present place, NaN at the end. */
  private code(): number {
    return this.at < this.end ? this.text.charCodeAt(this.at) : Number.NaN
  }

  space(): void {
    while (isSpace(this.code())) this.at++
  }

  value(): string | undefined {
    this.space()
    const code = this.code()
    if (code === 123) return this.list(125, '"}"', () => this.member())
    if (code === 91) return this.list(93, '"]"', () => this.value())
    if (code === 34) return this.string()
    if (code === 45 || isDigit(code)) return this.number()
    for (const word of ['true', 'false', 'null']) {
      if (this.text.startsWith(word, this.at) && this.at + word.length <= this.end) {
        this.at += word.length
        return undefined
      }
    }
    return 'a value'
  }

  private list(close: number, closing: string, element: () => string | undefined): string | undefined {
    this.at++
    this.space()
    if (this.code() === close) {
      this.at++
      return undefined
    }
    for (;;) {
      const fault = element()
      if (fault !== undefined) return fault
      this.space()
      const code = this.code()
      if (code !== close && code !== 44) return `"," or ${closing}`
      this.at++
      if (code === close) return undefined
    }
  }

  private member(): string | undefined {
    this.space()
    if (this.code() !== 34) return 'a name in double quotes'
    const fault = this.string()
    if (fault !== undefined) return fault
    this.space()
    if (this.code() !== 58) return '":"'
    this.at++
    return this.value()
  }

  private string(): string | undefined {
    this.at++
    for (;;) {
      const code = this.code()
      if (Number.isNaN(code)) return 'a closing quote'
      if (code < 32) return 'an escape such as \\n, or a closing quote'
      this.at++
      if (code === 34) return undefined
      if (code !== 92) continue
      const escaped = this.text.charAt(this.at)
      if (this.at >= this.end || !'"\\/bfnrtu'.includes(escaped)) return 'one of "\\/bfnrtu after the backslash'
      this.at++
      for (let left = escaped === 'u' ? 4 : 0; left > 0; left--, this.at++) {
        if (!isHex(this.code())) return 'four hexadecimal digits'
      }
    }
  }

  private digits(): string | undefined {
    if (!isDigit(this.code())) return 'a digit'
    while (isDigit(this.code())) this.at++
    return undefined
  }

  private number(): string | undefined {
    if (this.code() === 45) this.at++
    if (this.code() === 48) this.at++
    else if (this.digits() !== undefined) return 'a digit'
    if (this.code() === 46) {
      this.at++
      if (this.digits() !== undefined) return 'a digit'
    }
    if (this.code() === 101 || this.code() === 69) {
      this.at++
      if (this.code() === 43 || this.code() === 45) this.at++
      return this.digits()
    }
    return undefined
  }
}

/** The first fault of `text` between `start` and `end`, or `undefined` where it is one JSON value. Recursive: the text must have been found shallow. */
export const findJsonFault = (text: string, start: number, end: number): JsonFault | undefined => {
  const recogniser = new Recogniser(text, start, end)
  const expected = recogniser.value()
  if (expected !== undefined) return { offset: recogniser.at, expected }
  recogniser.space()
  return recogniser.at < end ? { offset: recogniser.at, expected: 'nothing more' } : undefined
}
