/** The page of /docs: a frame for the program that draws /openapi.json. Program and style are assets, made from src/api-docs. */
import type { Page } from '../page.ts'

export const docsPage: Page = {
  title: 'Nearcast API',
  style: '',
  assets: { style: '/docs/docs.css', script: '/docs/docs.js' },
  body: `<div id="docs"></div>
<main id="waiting"><h1>Nearcast API</h1>
<p>This page draws the <a href="/openapi.json">OpenAPI document</a>, which wants JavaScript. The document says the same.</p></main>`,
}
