/** The copies of the releases that a statistics object passes on, each with the time its controller last said so. */
import type { Release } from '../release/release.ts'
import type { ReleaseNews } from './replies.ts'

/**
 * Age from which a copy is asked for again: less than the second from one flush of an isolate to the next, so that the second flush after a
 * change brings it, whatever copy the first one met.
 */
const FRESH_MILLISECONDS = 900
/** Bounds what a reply can weigh: 64 releases are 30 KB. */
const MAX_MODELS = 64

interface Copy {
  /** `null`: the controller has never released anything. */
  readonly release: Release | null
  /** Epoch milliseconds. */
  readonly confirmedAt: number
}

export class ReleaseCopies {
  readonly #copies = new Map<string, Copy>()

  /**
   * What the controller of `model` said at `confirmedAt` (epoch milliseconds). A lower revision than the one here is ignored: it was overtaken.
   * Returns whether the release is another one now.
   */
  put(model: string, release: Release | null, confirmedAt: number): boolean {
    const known = this.#copies.get(model)
    if (known === undefined && this.#copies.size >= MAX_MODELS) return false
    const [revision, knownRevision] = [release?.revision ?? -1, known?.release?.revision ?? -1]
    if (revision < knownRevision) return false
    const isNew = revision > knownRevision
    const latest = Math.max(confirmedAt, known?.confirmedAt ?? confirmedAt)
    this.#copies.set(model, {
      release: isNew ? release : (known?.release ?? null),
      confirmedAt: isNew ? confirmedAt : latest,
    })
    return isNew
  }

  /** Those of `models` and of the models here whose controller should be asked at `now`. */
  stale(models: readonly string[], now: number): readonly string[] {
    return [...new Set([...models, ...this.#copies.keys()])].filter((model) => {
      const copy = this.#copies.get(model)
      return copy === undefined || Math.abs(now - copy.confirmedAt) > FRESH_MILLISECONDS
    })
  }

  news(now: number): readonly ReleaseNews[] {
    return [...this.#copies].map(([model, { release, confirmedAt }]) => ({
      model,
      release,
      age_milliseconds: Math.max(0, now - confirmedAt),
    }))
  }
}
