/** The first draft of an imported model's card: what the import knows, and what only its author can say. */
import type { Manifest } from '../../protocol/manifest.ts'
import { markdownTable, thousands } from '../../training/card/markdown.ts'

export interface ImportFacts {
  readonly file: string
  readonly producer: string
  readonly changes: readonly string[]
  readonly rows: number
  readonly table: string
  readonly modelBytes: number
  /** Greatest difference between the library's own predictions and the graph's, where predictions were given. */
  readonly difference: number | undefined
}

const sourceOf = ({ source, path, name, from }: Manifest['feature_view']['fields'][number]): string => {
  if (source === 'event') return `the event, \`${path ?? name}\``
  return source === 'distance' ? `distance from \`${from}\`` : source.replace('_', ' ')
}

/** Markdown. The same facts give the same text. */
export const draftCard = (manifest: Manifest, facts: ImportFacts): string => {
  const { name, version, evidence, feature_view, outputs } = manifest
  const against =
    facts.difference === undefined
      ? 'Its golden rows were made by onnxruntime-web in Node: no predictions of the library were given.'
      : `On these rows it differs from the library's own predictions by at most ${facts.difference.toExponential(1)}.`
  const changes = facts.changes.map((change) => `- ${change}\n`).join('')
  return `# ${name} ${version}

Imported from \`${facts.file}\`, written by ${facts.producer || 'an exporter that does not say its name'}; ${thousands(facts.modelBytes)} bytes. ${against}
${changes === '' ? '' : `\nChanged on import:\n\n${changes}`}
Fields, with their range in the ${thousands(facts.rows)} ${evidence === 'synthetic' ? 'made-up rows' : 'rows'} of \`${facts.table}\`:

${markdownTable(
  ['field', 'from', 'range'],
  feature_view.fields.map((field) => [
    `\`${field.name}\``,
    sourceOf(field),
    manifest.coverage[field.name]?.join(' … ') ?? 'text',
  ]),
)}

Answers: ${outputs.map(({ name: output, kind }) => `\`${output}\`, a ${kind}`).join('; ')}.

Not known to the import, and worth saying here: what the label means, which rows it was trained on, how it was judged on rows it had not
seen (\`nearcast validate --rows HELD_OUT.parquet --label COLUMN\`), and where it should not be used.
`
}
