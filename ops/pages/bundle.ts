/** Makes the program and the style of the dashboard out of src/dashboard, as the module that the worker serves them from. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, transform } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')
const UPLOT = join(ROOT, 'node_modules', 'uplot')

/** Where the module stands, from the root. */
export const BUNDLE_FILE = 'src/http/pages/dashboard-bundle.ts'

/** A text that stands in `<script>` and must not end it. */
const withinScript = (text: string): string => text.replace(/<(?=\/script|!--)/gi, '\\x3c')

const licenceOf = (folder: string): string => {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
  return `/*! ${name} ${version}\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()} */`
}

/** The text of the module: the same for the same sources, whatever the machine. */
export const bundleText = async (): Promise<string> => {
  const licence = licenceOf(UPLOT)
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'src', 'dashboard', 'main.ts')],
    ...{ bundle: true, minify: true, write: false, format: 'iife', target: 'es2023', legalComments: 'none' },
    absWorkingDir: ROOT,
  })
  const styles = [join(UPLOT, 'dist', 'uPlot.min.css'), join(ROOT, 'src', 'dashboard', 'dashboard.css')]
  const style = await transform(styles.map((file) => readFileSync(file, 'utf8')).join('\n'), {
    loader: 'css',
    minify: true,
  })
  const script = `${licence}\n${withinScript(outputFiles[0]?.text ?? '')}`
  return [
    '/** The program and the style of the dashboard, made by `npm run build:pages` out of src/dashboard. */',
    `export const STYLE = ${JSON.stringify(`${licence}\n${style.code}`)}`,
    `export const SCRIPT = ${JSON.stringify(script)}`,
    '',
  ].join('\n')
}
