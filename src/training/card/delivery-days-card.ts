/** The model card of `delivery-days`: what was made up, and how near the model comes to it. */

import type { DayFigures } from '../delivery/judge-days.ts'
import { NEAREST_SHARE, WAREHOUSE_ZIPS } from '../delivery/orders.ts'
import { CUT_OFF_HOUR, DELAYS, LATE_DAILY_SHARE, TRANSIT_BANDS } from '../delivery/transit.ts'
import { four, markdownTable, percent, thousands } from './markdown.ts'

export interface DeliveryFigures {
  readonly version: string
  readonly seed: number
  readonly heldOutSeed: number
  readonly orders: number
  readonly from: string
  readonly to: string
  readonly model: DayFigures
  /** The same orders by the chances they were drawn with, and by one distribution for all. */
  readonly truth: DayFigures
  readonly constant: DayFigures
  readonly withoutDistance: DayFigures
  readonly agreement: Record<'p50' | 'p90', { readonly same: number; readonly withinADay: number }>
  readonly unknownShare: number
  readonly trees: number
  readonly leaves: number
  readonly modelBytes: number
  readonly greatestDifference: number
}

const cells = ({ rankedScore, p50, p90, meanP50, meanP90 }: DayFigures): string[] => [
  four(rankedScore),
  percent(p50.share),
  percent(p50.expected),
  percent(p90.share),
  percent(p90.expected),
  meanP50.toFixed(2),
  meanP90.toFixed(2),
]

const bandRows = (): string[][] =>
  TRANSIT_BANDS.map(({ kilometres, days }, index) => [
    Number.isFinite(kilometres)
      ? `up to ${thousands(kilometres)} km`
      : `beyond ${thousands(TRANSIT_BANDS[index - 1].kilometres)} km`,
    String(days),
  ])

const delayRows = (): string[][] => [
  ...DELAYS.map((share, index) => [
    index === 0 ? 'a day early' : index === 1 ? 'on time' : `${index - 1} late`,
    percent(share),
  ]),
  [
    'later',
    `${percent(1 - DELAYS.reduce((sum, share) => sum + share, 0))}, of those that wait ${percent(LATE_DAILY_SHARE)} each open day`,
  ],
]

/** Markdown. The same figures give the same text. */
export const deliveryDaysCard = (figures: DeliveryFigures): string => {
  const { model, truth, constant, withoutDistance, agreement } = figures
  return `# delivery-days ${figures.version}

**Synthetic.** No parcel was ever seen: orders and deliveries were made up by the rules below, and this model has learned those rules. It shows a distribution with p50 and p90 on its whole way; it says nothing of any carrier, and no figure here is an accuracy.

**Question.** An order was placed at this moment, for this zip, from that warehouse: how many days until it is there?
**Answer.** \`delivery_days\`, a distribution over 0 to 14 days on the calendar of the customer; 14 stands for more as well.
**Evidence.** Synthetic, as the manifest says (\`"evidence":"synthetic"\`).

## What was assumed

| assumption | where it comes from |
| --- | --- |
| Orders before ${CUT_OFF_HOUR}:00 on the clocks of the warehouse are handed over on the same day, others on the next, both only on open days | made up |
| Nothing is handed over, moved or delivered on Sundays and on the eleven federal holidays; a holiday with a fixed date that is a Sunday is kept on Monday | holidays: 5 U.S.C. 6103(a), Executive Order 11582; that carriers rest on all of them, and work on all Saturdays, is made up |
| Open days from hand-over to delivery go by the great circle between the two zips, in bands | steps of 3, 20 and 41 hours' drive and 2 to 5 days: the service standards of First-Class Mail from October 2021 (39 CFR 121.1; 86 FR 43941). From hours to kilometres, made up: 75 km/h, roads a fifth longer than the great circle; and the last band |
| How many are early or late | made up |
| Customers live as people do | residents by state: US Census Bureau, 2020 Census, shared out evenly over the zips of a state, which is made up |
| ${WAREHOUSE_ZIPS.length} warehouses; ${percent(NEAREST_SHARE)} of orders come from the nearest one, the others from any | made up |
| When people order: an evening peak on their own clocks, least at four in the morning, most on Mondays | made up |

${markdownTable(['great circle', 'open days'], bandRows())}

${markdownTable(['comes', 'share'], delayRows())}

## How near the model comes to its rules

${thousands(model.orders)} orders of the same years by another seed (${figures.heldOutSeed}; learned from: ${figures.seed}). The ranked probability score is in days, 0 is certain and right; what the dice themselves cost stands in the second row, and nothing can be better.

${markdownTable(
  ['', 'ranked score', 'came by p50', 'chance given', 'came by p90', 'chance given', 'mean p50', 'mean p90'],
  [
    ['**delivery-days**', ...cells(model)],
    ['the rules themselves', ...cells(truth)],
    ['delivery-days, no `shipFromZip`', ...cells(withoutDistance)],
    ['one distribution for all orders', ...cells(constant)],
  ],
)}

A quantile is a whole day, so it is reached more often than its name says: the chance that was given stands beside what came. Its p50 is the day of the rules for ${percent(agreement.p50.same)} of the orders and at most a day off for ${percent(agreement.p50.withinADay)}; p90 for ${percent(agreement.p90.same)} and ${percent(agreement.p90.withinADay)}.

What it cannot know: the clock of the warehouse (it knows the customer's, so hours around the cut-off are uncertain across time zones), and the year. No two years from 2023 to 2028 begin on the same weekday, so weekday and day of the year tell them apart; 2029 is taken for 2024, which puts its holidays with a fixed date a day late from March on. By then it wants to be trained anew.

## How it is made

${thousands(figures.orders)} orders from ${figures.from} to ${figures.to}, seed ${figures.seed}. For each order and each day until it came, one row: the distance, the minute of the order, whether the order's own day is open, how many days have been open since, whether this one is. Boosted trees give the odds that what has not come yet comes then; the graph computes the calendar and the rows from the four fields of the event, and turns the odds of 14 days into 15 chances. ${percent(figures.unknownShare)} of the rows were shown as if their zip, and as many as if their \`shipFromZip\`, were unknown.

${figures.trees} trees, ${thousands(figures.leaves)} leaves, ${thousands(figures.modelBytes)} bytes. ONNX and trainer differ by at most ${figures.greatestDifference.toExponential(1)} on 10,000 orders.

## What it is not

- Not a delivery forecast. Train one on deliveries of your own, and publish it in its place.
- Not for holidays of a carrier, weather, peak season, freight or express: the rules know none of them.

## Again

\`\`\`
npx nearcast train delivery-days --seed ${figures.seed}
\`\`\`

writes the same bytes. \`nearcast simulate --orders\` makes orders by the same rules.
`
}
