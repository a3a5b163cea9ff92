/** Makes program and style of a page out of its sources, as the module that the worker serves them from. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, transform } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')
const UPLOT = 'node_modules/uplot'
const BASE_STYLE = 'src/dashboard/base.css'

interface BundledPage {
  /** Of `src`. */
  readonly room: string
  /** Where the module stands, from the root. */
  readonly file: string
  /** Of packages, before the style of all pages and the room's own, from the root. */
  readonly styles: readonly string[]
  /** Folders of packages that are part of it. */
  readonly packages: readonly string[]
}

export const BUNDLED_PAGES: readonly BundledPage[] = [
  {
    room: 'dashboard',
    file: 'src/http/pages/dashboard-bundle.ts',
    styles: [`${UPLOT}/dist/uPlot.min.css`],
    packages: [UPLOT],
  },
  { room: 'demo', file: 'src/http/pages/demo-bundle.ts', styles: [], packages: [] },
]

/** A text that stands in `<script>` and must not end it. */
const withinScript = (text: string): string => text.replace(/<(?=\/script|!--)/gi, '\\x3c')

const licenceOf = (folder: string): string => {
  const read = (name: string): string => readFileSync(join(ROOT, folder, name), 'utf8')
  const { name, version } = JSON.parse(read('package.json')) as Record<string, string>
  return `/*! ${name} ${version}\n${read('LICENSE').trim()} */\n`
}

/** The text of the module: the same for the same sources, whatever the machine. */
export const bundleText = async ({ room, styles, packages }: BundledPage): Promise<string> => {
  const licences = packages.map(licenceOf).join('')
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'src', room, 'main.ts')],
    ...{ bundle: true, minify: true, write: false, format: 'iife', target: 'es2023', legalComments: 'none' },
    absWorkingDir: ROOT,
  })
  const sheets = [...styles, BASE_STYLE, `src/${room}/${room}.css`].map((file) =>
    readFileSync(join(ROOT, file), 'utf8'),
  )
  const style = await transform(sheets.join('\n'), { loader: 'css', minify: true })
  const script = `${licences}${withinScript(outputFiles[0]?.text ?? '')}`
  return [
    `/** The program and the style of the ${room}, made by \`npm run build:pages\` out of src/${room}. */`,
    `export const STYLE = ${JSON.stringify(`${licences}${style.code}`)}`,
    `export const SCRIPT = ${JSON.stringify(script)}`,
    '',
  ].join('\n')
}
