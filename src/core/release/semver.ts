/** Semantic versions: what one consists of and which of two comes first. Source: Semantic Versioning 2.0.0, semver.org. */

export interface SemanticVersion {
  /** Major, minor and patch as digits: the specification sets no greatest number. */
  readonly core: readonly [string, string, string]
  /** Dot-separated parts after `-`; none in a release. */
  readonly prerelease: readonly string[]
  /** Dot-separated parts after `+`; they order nothing. */
  readonly build: readonly string[]
}

const NUMBER = '(0|[1-9]\\d*)'
const PART = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)'
const SEMANTIC_VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${PART}(?:\\.${PART})*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?$`,
)

const parts = (text: string | undefined): readonly string[] => text?.split('.') ?? []

/** `text` as a semantic version; `null` where it is none. */
export const parseSemanticVersion = (text: string): SemanticVersion | null => {
  const match = SEMANTIC_VERSION.exec(text)
  if (match === null) return null
  const [, major, minor, patch, prerelease, build] = match
  return {
    core: [major as string, minor as string, patch as string],
    prerelease: parts(prerelease),
    build: parts(build),
  }
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Digits without leading zeros, of any length. */
const orderDigits = (a: string, b: string): number => a.length - b.length || order(a, b)

/** Numbers by size, before texts; texts by their code units. */
const orderParts = (a: string, b: string): number => {
  const numeric = /^\d+$/.test(a)
  if (numeric !== /^\d+$/.test(b)) return numeric ? -1 : 1
  return numeric ? orderDigits(a, b) : order(a, b)
}

const orderPrereleases = (a: readonly string[], b: readonly string[]): number => {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (const [index, part] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const ordered = orderParts(part, other)
    if (ordered !== 0) return ordered
  }
  return a.length - b.length
}

/** Precedence of two semantic versions: negative where `a` comes first, 0 where they differ in nothing but the build. */
export const comparePrecedence = (a: SemanticVersion, b: SemanticVersion): number =>
  orderDigits(a.core[0], b.core[0]) ||
  orderDigits(a.core[1], b.core[1]) ||
  orderDigits(a.core[2], b.core[2]) ||
  orderPrereleases(a.prerelease, b.prerelease)

/** For sorting versions, the lowest first: by precedence, then by their text. What is no semantic version comes before all that are. */
export const compareVersions = (a: string, b: string): number => {
  const left = parseSemanticVersion(a)
  const right = parseSemanticVersion(b)
  if (left === null || right === null) return Number(left !== null) - Number(right !== null) || order(a, b)
  return comparePrecedence(left, right) || order(a, b)
}
