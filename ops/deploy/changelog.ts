/** The notes of one version in CHANGELOG.md. Pure. */

/** The lines under `## [version]`; `null` where there is no such heading or nothing under it. */
export const notesOf = (changelog: string, version: string): string | null => {
  const lines = changelog.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`## [${version}]`))
  if (start < 0) return null
  const end = lines.findIndex((line, index) => index > start && line.startsWith('## ['))
  const notes = lines
    .slice(start + 1, end < 0 ? undefined : end)
    .join('\n')
    .trim()
  return notes === '' ? null : notes
}
