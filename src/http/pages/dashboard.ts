/** The page of the dashboard: its frame, which stands before anything is told. The program and the style are made from src/dashboard. */
import type { Page } from '../page.ts'
import { SCRIPT, STYLE } from './dashboard-bundle.ts'

const RANGES = [
  ['5m', '5 minutes'],
  ['1h', '1 hour'],
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['30d', '30 days'],
] as const

const TILES = [
  ['rate', 'Predictions now'],
  ['predictions', 'Predictions in the range'],
  ['failed', 'Failures in the range'],
  ['share', 'Share that failed'],
  ['letters', 'Dead letters waiting'],
  ['lost', 'Events whose counts were lost'],
] as const

const CHARTS = [
  ['traffic', 'Traffic'],
  ['errors', 'Errors by reason'],
  ['latency', 'Latency'],
  ['stage-latency', 'Latency by stage'],
  ['zips', 'Zip features'],
] as const

const ASKED = [
  ['alerts', 'Alerts', ''],
  ['releases', 'Releases', ''],
  ['drift', 'Drift', ' wide'],
  ['stages', 'Where the time went', ' wide'],
  ['accuracy', 'How right the predictions were', ' wide'],
] as const

const choice = ([value, label]: (typeof RANGES)[number]): string =>
  `<label class="choice"><input type="radio" name="range" value="${value}"><span>${label}</span></label>`
const tile = ([id, label]: (typeof TILES)[number]): string => `<div><dt>${label}</dt><dd id="tile-${id}">…</dd></div>`
const chart = ([id, title]: (typeof CHARTS)[number]): string =>
  `<section class="panel" id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2></section>`
const panel = ([id, title, kind]: (typeof ASKED)[number]): string =>
  `<section class="panel${kind}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2><p id="${id}-note"></p><div id="${id}"></div></section>`

/** `isPublic`: whoever looks needs no token. */
export const dashboardPage = (isPublic: boolean): Page => ({
  title: 'Nearcast dashboard',
  style: STYLE,
  script: SCRIPT,
  body: `<a class="skip" href="#main">Skip to the charts</a>
<header>
<h1>Nearcast</h1>
<fieldset><legend>Range</legend>
${RANGES.map(choice).join('\n')}
</fieldset>
<label>Theme <select id="theme"><option value="system">as the system</option><option value="light">light</option><option value="dark">dark</option></select></label>
<button type="button" id="forget" hidden>Forget the token</button>
</header>
<main id="main" tabindex="-1" data-public="${isPublic}">
<noscript><p>The dashboard needs JavaScript. The same figures: <a href="/v1/stats">/v1/stats</a>, <a href="/metrics">/metrics</a>.</p></noscript>
<div class="state"><span id="liveness" role="status">…</span> <span>Counted until <time id="as-of">…</time></span></div>
<form id="door" method="post" hidden>
<label for="token">The token that opens the statistics (READ_TOKEN)</label>
<input id="token" type="password" autocomplete="off" required aria-describedby="door-note">
<p id="door-note" role="alert"></p>
<button type="submit">Look</button>
</form>
<div id="charts">
<dl class="tiles">
${TILES.map(tile).join('\n')}
</dl>
<div class="panels">
${CHARTS.map(chart).join('\n')}
${ASKED.map(panel).join('\n')}
</div>
</div>
</main>
<footer><p>Times are those of this browser. Hatched: nothing is known of that time. Broken lines: the release was changed.</p></footer>`,
})
