/** Counts what verification found, and says it. */
import type { Difference, Finding } from './recompute.ts'

/** Mismatches shown in full, per field. */
const SHOWN = 5

export class Tally {
  compared = 0
  mismatched = 0
  noFeatures = 0
  /** Lines that are item errors: nothing was predicted, so nothing can be verified. */
  errors = 0
  readonly otherZipData = new Map<string, number>()
  readonly unknowable = new Set<string>()
  readonly #byField = new Map<string, { count: number; examples: (Difference & { readonly id: string })[] }>()

  add(id: string, finding: Finding): void {
    switch (finding.kind) {
      case 'no_features':
        this.noFeatures++
        return
      case 'other_zip_data': {
        const which = `served with ${finding.served}, here is ${finding.here}`
        this.otherZipData.set(which, (this.otherZipData.get(which) ?? 0) + 1)
        return
      }
      case 'compared':
        this.compared++
        for (const field of finding.unknowable) this.unknowable.add(field)
        if (finding.differences.length > 0) this.mismatched++
        for (const difference of finding.differences) this.#count(id, difference)
    }
  }

  #count(id: string, difference: Difference): void {
    const seen = this.#byField.get(difference.field) ?? { count: 0, examples: [] }
    seen.count++
    if (seen.examples.length < SHOWN) seen.examples.push({ ...difference, id })
    this.#byField.set(difference.field, seen)
  }

  toJson(): object {
    return {
      compared: this.compared,
      mismatched: this.mismatched,
      other_zip_data: Object.fromEntries(this.otherZipData),
      no_features: this.noFeatures,
      errors: this.errors,
      not_recomputable: [...this.unknowable],
      mismatches: Object.fromEntries(this.#byField),
    }
  }

  toText(): string {
    const lines = [`${this.compared} predictions compared, ${this.mismatched} differ`]
    for (const [field, { count, examples }] of this.#byField) {
      lines.push(`  ${field}: ${count}`)
      for (const { id, served, recomputed } of examples)
        lines.push(`    ${id}: served ${served}, recomputed ${recomputed}`)
    }
    for (const [which, count] of this.otherZipData) lines.push(`${count} not compared: ${which}`)
    if (this.noFeatures > 0) lines.push(`${this.noFeatures} not compared: answered without features`)
    if (this.errors > 0) lines.push(`${this.errors} item errors passed over`)
    if (this.unknowable.size > 0) lines.push(`not recomputable without the event: ${[...this.unknowable].join(', ')}`)
    return `${lines.join('\n')}\n`
  }
}
