/** The demo: a small shop that asks both models. It stands at / for a browser too, so it says where everything is. The program is made from src/demo. */
import type { Welcome } from '../../protocol/answers.ts'
import { escapeHtml, type Page } from '../page.ts'
import { SCRIPT, STYLE } from './demo-bundle.ts'

const WAREHOUSES = [
  ['89101', 'Las Vegas'],
  ['10001', 'New York'],
  ['60601', 'Chicago'],
] as const

const GOODS = [
  ['lamp', 'Lamp', '39.90'],
  ['kettle', 'Kettle', '24.50'],
  ['blanket', 'Blanket', '54.00'],
] as const

const LABELS: Readonly<Record<string, string>> = {
  predict: 'A prediction for the zip code 94107, now',
  models: 'Models, versions, releases',
  dashboard: 'The dashboard: traffic, errors, latency, releases, live (wants a token, unless statistics are public)',
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

const option = ([zip, city]: (typeof WAREHOUSES)[number]): string => `<option value="${zip}">${city} (${zip})</option>`
const good = ([sku, name, price]: (typeof GOODS)[number]): string =>
  `<button type="button" data-nearcast="add_to_cart" data-nearcast-sku="${sku}" data-nearcast-price="${price}">Add ${name} to the cart, $${price}</button>`

export const demoPage = ({ description, try: command, links }: Welcome): Page => ({
  title: 'Nearcast demo',
  style: STYLE,
  script: SCRIPT,
  loadsOwnScripts: true,
  body: `<header>
<h1>Nearcast</h1>
<p>${escapeHtml(description)} This shop is a demo: type a zip code, click, and see what the two models answer, what moved them, and where the time went.</p>
</header>
<main>
<section class="panel" aria-labelledby="shop-title"><h2 id="shop-title">The shop</h2>
<form id="where">
<label for="zip">US zip code</label>
<input id="zip" value="94107" inputmode="numeric" autocomplete="postal-code" maxlength="10" required>
<label for="from">ships from</label>
<select id="from">${WAREHOUSES.map(option).join('')}</select>
<button type="submit">Predict</button>
</form>
<div class="shelf">${GOODS.map(good).join('\n')}</div>
<p id="cart-words" role="status"></p>
<p class="note" id="beacon-words">The beacon is off: this browser asks not to be followed, or blocks it.</p>
<p class="note">Filled by the beacon without code: a flight to 10001 is late with <b data-nearcast-text="late_probability" data-nearcast-format="percent" data-nearcast-zip-code="10001">…</b>.</p>
</section>
<div class="panels">
<section class="panel" aria-labelledby="days-title"><h2 id="days-title">When does it arrive? <span class="badge">synthetic</span></h2>
<p class="answer" id="days-words" role="status">…</p><div id="days-details"></div>
<p class="note">The model delivery-days learnt from made-up orders: it shows the machinery and foretells nothing.</p></section>
<section class="panel" aria-labelledby="late-title"><h2 id="late-title">Is a flight there late?</h2>
<p class="answer" id="late-words" role="status">…</p><div id="late-details"></div>
<p class="note">The model late-arrival learnt from three million flights of 2001.</p></section>
</div>
<section class="panel" aria-labelledby="live-title"><h2 id="live-title">The dashboard moves</h2>
<p id="live-words">…</p><div id="live"></div>
<p><a href="/dashboard">The whole dashboard</a></p></section>
</main>
<footer>
<h2>In a terminal</h2>
<pre tabindex="0"><code>${escapeHtml(command)}</code></pre>
<h2>Where everything is</h2>
<ul>
${Object.entries(links).flatMap(item).join('\n')}
</ul>
</footer>
<script defer src="/beacon.js" data-auto-capture></script>`,
})
