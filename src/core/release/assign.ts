/** Which version answers a unit: sticky, so that a visitor keeps a version and a larger share only adds visitors. */
import type { Release } from './release.ts'
import { murmur3Text } from './unit-hash.ts'

/** Which side of a release answers. */
export type Arm = 'stable' | 'canary'

/** A canary may have been rolled back since: knowledge of a release as old as this serves none. */
export const CANARY_KNOWLEDGE_MILLISECONDS = 10_000

/**
 * Where `unit` stands among the units of `model`: MurmurHash3_x86_32 of the unit, seeded with that of the model's name, over 2^32; in [0, 1).
 * It depends on no version: every canary of a model takes its visitors from the same end. In Python:
 * `mmh3.hash(unit, mmh3.hash(model, signed=False), signed=False) / 2**32`.
 */
export const positionOf = (model: string, unit: string): number => murmur3Text(unit, murmur3Text(model)) / 2 ** 32

/**
 * Who answers `unit`, given how old the knowledge of the release is: the canary below its share, stable above it. Stable also answers where
 * nothing sticks (`null`: neither unit nor event id), and where the knowledge is too old for a canary or of no known age (NaN).
 */
export const armOf = (
  { model, canary }: Pick<Release, 'model' | 'canary'>,
  unit: string | null,
  knowledgeAgeMilliseconds: number,
): Arm =>
  canary !== null &&
  unit !== null &&
  knowledgeAgeMilliseconds >= 0 &&
  knowledgeAgeMilliseconds < CANARY_KNOWLEDGE_MILLISECONDS &&
  positionOf(model, unit) < canary.share
    ? 'canary'
    : 'stable'
