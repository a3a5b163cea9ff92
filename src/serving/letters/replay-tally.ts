/** What became of the letters of a replay, one after the other. */
import type { FixRule } from '../../core/replay/fix-rules.ts'
import { REPLAY_OUTCOMES, type ReplayAnswer, type ReplayedLetter } from '../../protocol/dead-letters.ts'

export class ReplayTally {
  readonly #letters: ReplayedLetter[] = []
  readonly #known = new Set<string>()
  readonly #fixes: { applied: number; skipped: number }[]

  constructor(fixes: readonly FixRule[]) {
    this.#fixes = fixes.map(() => ({ applied: 0, skipped: 0 }))
  }

  add(letter: ReplayedLetter): void {
    this.#letters.push(letter)
    this.#known.add(letter.id)
  }

  has(id: string): boolean {
    return this.#known.has(id)
  }

  /** For each rule, to how many of the `events` of a letter it was applied. */
  applied(counts: readonly number[], events: number): void {
    for (const [rule, count] of counts.entries()) {
      const sums = this.#fixes[rule]
      if (sums === undefined) continue
      sums.applied += count
      sums.skipped += events - count
    }
  }

  answer(): Pick<ReplayAnswer, 'counts' | 'fixes' | 'letters'> {
    const counted = (outcome: ReplayedLetter['outcome']): number =>
      this.#letters.filter((letter) => letter.outcome === outcome).length
    const counts = Object.fromEntries(REPLAY_OUTCOMES.map((outcome) => [outcome, counted(outcome)]))
    return {
      counts: counts as ReplayAnswer['counts'],
      fixes: this.#fixes.map((sums, index) => ({ rule: index + 1, ...sums })),
      letters: this.#letters,
    }
  }
}
