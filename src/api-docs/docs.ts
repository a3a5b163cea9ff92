/** The program of /docs: Swagger UI on the document of this origin, which asks nothing of any other. */
import './docs.css'
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'
import { accessible } from './accessible.ts'
import { keepMended } from './mend.ts'

const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = (): void => void document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()

const root = document.getElementById('docs')
if (root !== null) keepMended(root)

SwaggerUI({
  url: '/openapi.json',
  dom_id: '#docs',
  layout: 'BaseLayout',
  docExpansion: 'list',
  deepLinking: true,
  validatorUrl: null,
  queryConfigEnabled: false,
  plugins: [accessible],
  onComplete: () => document.getElementById('waiting')?.remove(),
})
