/** The first page: what this is, what to try, where to go on. */
import type { Welcome } from '../../protocol/answers.ts'
import { escapeHtml, type Page } from '../page.ts'

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
pre { overflow-x: auto; padding: .75rem; border: 1px solid; border-radius: .25rem }
input, button { font: inherit; padding: .25rem .5rem }
li { margin: .25rem 0 }
a:focus-visible, button:focus-visible, input:focus-visible, pre:focus-visible { outline: 3px solid; outline-offset: 2px }
`

const LABELS: Readonly<Record<string, string>> = {
  predict: 'A prediction for the zip code 94107, now',
  models: 'Models, versions, releases',
  dashboard: 'The dashboard: traffic, errors, latency, releases, live (wants a token)',
  statistics: 'Statistics (want a token)',
  live: 'Is it alive?',
  ready: 'Can it serve?',
  openapi: 'Every route, as an OpenAPI document',
  docs: 'The same as a page, with calls to try',
}

/** What can be followed; the others want a POST. */
const item = ([name, url]: [string, string]): string[] => {
  const label = LABELS[name]
  return label === undefined ? [] : [`<li><a href="${escapeHtml(url)}">${escapeHtml(label)}</a></li>`]
}

export const welcomePage = ({ description, try: command, links }: Welcome): Page => ({
  title: 'Nearcast',
  style: STYLE,
  body: `<main>
<h1>Nearcast</h1>
<p>${escapeHtml(description)} An event comes in; its time and the features of its zip code go through a small model; the prediction is the answer.</p>
<h2>Try it</h2>
<form action="/v1/predict" method="get">
<label for="zip">US zip code</label>
<input id="zip" name="zip" value="94107" inputmode="numeric" autocomplete="postal-code" maxlength="10" required>
<button type="submit">Predict</button>
</form>
<p>Or in a terminal:</p>
<pre tabindex="0"><code>${escapeHtml(command)}</code></pre>
<h2>Where everything is</h2>
<ul>
${Object.entries(links).flatMap(item).join('\n')}
</ul>
</main>`,
})
