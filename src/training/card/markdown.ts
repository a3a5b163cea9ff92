/** Tables and numbers as a model card writes them. */

/** A Markdown table. Cells must hold no `|`. */
export const markdownTable = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** 1234567 as 1,234,567. */
export const thousands = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')

/** A share in [0, 1] as a percentage with one decimal. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** Four decimals: as many as an AUC or a log loss deserves. */
export const four = (value: number): string => value.toFixed(4)
