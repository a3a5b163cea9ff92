/** The fenced blocks of a document: commands, and the answers that stand below them. */

export interface Block {
  /** Line of the fence in its document, from 1. */
  readonly line: number
  readonly language: string
  /** What else stands behind the opening fence. */
  readonly tags: readonly string[]
  readonly text: string
}

/** Also one that is part of a list. */
const FENCE = /^( *)```(\w*)[ \t]*(.*)$/

export const blocksOf = (markdown: string): readonly Block[] => {
  const blocks: Block[] = []
  let open: { line: number; indent: number; language: string; tags: readonly string[]; lines: string[] } | null = null
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = FENCE.exec(line)
    if (open === null) {
      if (fence === null) continue
      const [, indent = '', language = '', tags = ''] = fence
      const words = tags.split(/\s+/).filter((tag) => tag !== '')
      open = { line: index + 1, indent: indent.length, language, tags: words, lines: [] }
    } else if (fence !== null) {
      blocks.push({ line: open.line, language: open.language, tags: open.tags, text: open.lines.join('\n') })
      open = null
    } else open.lines.push(line.slice(open.indent))
  }
  if (open !== null) throw new Error(`the block that begins on line ${open.line} has no end`)
  return blocks
}

/** Languages of an answer. */
const ANSWERS: ReadonlySet<string> = new Set(['json', 'text', 'ndjson'])

export interface Step {
  readonly commands: Block
  /** What they print; absent where the document shows nothing. */
  readonly answer?: Block
}

/** A session: what stands behind `$ ` is typed, the rest is what came. */
const sessionOf = (block: Block): Step | null => {
  const lines = block.text.split('\n')
  if (!lines.some((line) => line.startsWith('$ '))) return null
  const typed = lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
  const came = lines.filter((line) => !line.startsWith('$ '))
  const commands = { ...block, text: typed.join('\n') }
  return came.length === 0 ? { commands } : { commands, answer: { ...block, text: came.join('\n') } }
}

/** Commands in order, each block with the answer that follows before the next one; an answer tagged `shown` belongs to none. */
export const stepsOf = (markdown: string): readonly Step[] => {
  const steps: { commands: Block; answer?: Block }[] = []
  let isOpen = false
  for (const block of blocksOf(markdown)) {
    if (block.language === 'console') {
      const session = sessionOf(block)
      steps.push(session ?? { commands: block })
      isOpen = session?.answer === undefined
    } else if (isOpen && ANSWERS.has(block.language) && !block.tags.includes('shown')) {
      const last = steps.at(-1)
      if (last !== undefined) last.answer = block
      isOpen = false
    }
  }
  return steps
}

/** One document of JSON without its white space; any other text as it is. */
export const compact = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}

/** Whether `came` is what the document shows; `…` there stands for anything on its line. Both are masked. */
export const isAsShown = (shown: string, came: string): boolean => {
  const pattern = shown
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^\\n]*')
  return new RegExp(`^${pattern}$`).test(came)
}
