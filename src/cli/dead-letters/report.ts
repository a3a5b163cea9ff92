/** Dead letters and what became of them, for people. */
import type {
  DiscardAnswer,
  LetterAnswer,
  LetterPageAnswer,
  LetterWithPayload,
  ReplayAnswer,
} from '../../protocol/dead-letters.ts'

const LABEL_WIDTH = 14
/** Reasons that differ only in their letters are told by these many examples. */
const EXAMPLES = 3

const line = (label: string, text: string): string => `  ${label.padEnd(LABEL_WIDTH)}${text}\n`

const letterText = ({ id, state, stage, code, message, first_failed_at, is_cut }: LetterAnswer): string =>
  `${first_failed_at}  ${id}  ${state}, ${stage}, ${code}${is_cut ? ', cut' : ''}\n    ${message}\n`

const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none'

export const pageText = ({ letters, cursor, totals }: LetterPageAnswer): string =>
  [
    ...letters.map(letterText),
    letters.length === 0 ? 'no dead letter fits\n' : '',
    cursor === null ? '' : `more follow these ${letters.length}\n`,
    line('in all', countsText(totals.by_state)),
    line('why', countsText(totals.by_code)),
    ...(totals.counted === 0 ? [] : [line('counted only', `${totals.counted} over the quota`)]),
    line('payloads', `${totals.payload_bytes} bytes`),
  ].join('')

export const inspectText = (letter: LetterWithPayload): string => {
  const { payload, payload_encoding: encoding, ...fields } = letter
  const lines = Object.entries(fields).map(([name, value]) => `  ${name.padEnd(18)}${value ?? '-'}\n`)
  const shown = payload ?? 'the bucket no longer has it'
  return `${lines.join('')}  ${'payload'.padEnd(18)}${encoding}, ${letter.bytes} bytes${letter.is_cut ? ', cut' : ''}\n${shown}\n`
}

/** Why letters were left as they are, the commonest first, with a few of their ids. */
const reasonsText = (letters: ReplayAnswer['letters']): string => {
  const reasons = new Map<string, { readonly ids: string[]; readonly example: string }>()
  for (const { id, outcome, code, message = 'there is no such letter' } of letters) {
    if (outcome === 'would_replay' || outcome === 'replaying') continue
    const key = code ?? message
    const reason = reasons.get(key) ?? { ids: [], example: code === undefined ? message : `${code}: ${message}` }
    reason.ids.push(id)
    reasons.set(key, reason)
  }
  return [...reasons.values()]
    .sort((a, b) => b.ids.length - a.ids.length)
    .map(({ ids, example }) => {
      const more = ids.length > EXAMPLES ? ', …' : ''
      return `  ${ids.length} left: ${example}\n    ${ids.slice(0, EXAMPLES).join(', ')}${more}\n`
    })
    .join('')
}

export const replayText = (answer: ReplayAnswer): string => {
  const { counts, fixes, letters, dry_run: isDry } = answer
  return [
    isDry
      ? `${counts.would_replay} of ${letters.length} letters would be replayed; nothing was done\n`
      : `${counts.replaying} of ${letters.length} letters are in the queue\n`,
    ...fixes.map(({ rule, applied, skipped }) =>
      line(`rule ${rule}`, `applied to ${applied} events, nothing to do in ${skipped}`),
    ),
    reasonsText(letters),
  ].join('')
}

export const discardText = ({ discarded }: DiscardAnswer): string => `${discarded.length} letters discarded\n`
