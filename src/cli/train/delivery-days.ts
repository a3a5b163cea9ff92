/** Trains `delivery-days` on made-up orders: the fit, its judgement on orders of another seed, the files. */
import type { FeatureView } from '../../core/features/feature-view.ts'
import { TZDATA_VERSION } from '../../core/time/zones.ts'
import { deliveryDaysCard } from '../../training/card/delivery-days-card.ts'
import { hazardRows, predictDays } from '../../training/delivery/day-hazards.ts'
import { DELIVERY_FIELDS, DELIVERY_PARAMETERS, orderRows, UNKNOWN_SHARE } from '../../training/delivery/feature-view.ts'
import { type DayFigures, judgeDays, quantileAgreement } from '../../training/delivery/judge-days.ts'
import { makeOrders, type Order } from '../../training/delivery/orders.ts'
import { DAY_LABELS, deliveryShares } from '../../training/delivery/transit.ts'
import { leafCount } from '../../training/gbdt/tree.ts'
import type { Matrix } from '../../training/matrix.ts'
import { civilPlaces } from '../../training/places.ts'
import { fitEnsemble } from './fit-ensemble.ts'
import { rounded } from './metrics-json.ts'
import { packageDays } from './package-days.ts'
import { type MessageStream, startProgress } from './progress.ts'
import { readZips } from './read-zips.ts'
import { writeVersion } from './write-version.ts'

export const DELIVERY_DAYS = 'delivery-days'
const VERSION = '1.0.0'
const OUTPUT = 'delivery_days'
/** Six years whose weekdays tell them apart, two of them leap years. */
const FROM = '2023-01-01T00:00:00.000Z'
const TO = '2029-01-01T00:00:00.000Z'
/** Another stream of dice than any that is likely to be asked for. */
const HELD_OUT = 0x6865_6c64

export interface DeliveryDaysOptions {
  /** The directory of the zip features. */
  readonly zips: string
  readonly seed: number
  readonly orders: number
  /** The version's files go to `<output>/delivery-days/1.0.0`. */
  readonly output: string
  /** Whether files that are there and differ may be replaced. */
  readonly replace: boolean
}

const truthOf = (orders: readonly Order[]): Float64Array => {
  const shares = new Float64Array(orders.length * DAY_LABELS.length)
  for (const [row, order] of orders.entries()) shares.set(deliveryShares(order), row * DAY_LABELS.length)
  return shares
}

/** What was seen of all orders, for each of as many. */
const constantOf = (seen: Matrix, orders: number): Float64Array => {
  const counts = new Float64Array(DAY_LABELS.length)
  for (const day of seen.labels) counts[day] += 1 / seen.labels.length
  return Float64Array.from({ length: orders * counts.length }, (_, at) => counts[at % counts.length])
}

const withoutDistance = (rows: Matrix): Matrix => {
  const width = rows.names.length
  const distance = rows.names.indexOf('distance_km')
  return { ...rows, values: rows.values.map((value, at) => (at % width === distance ? Number.NaN : value)) }
}

const figuresJson = ({ orders, p50, p90, rankedScore, meanP50, meanP90 }: DayFigures): Record<string, number> => ({
  orders,
  ranked_probability_score: rounded(rankedScore),
  p50_share: rounded(p50.share),
  p50_expected: rounded(p50.expected),
  p90_share: rounded(p90.share),
  p90_expected: rounded(p90.expected),
  mean_p50: rounded(meanP50),
  mean_p90: rounded(meanP90),
})

/** Writes the version and returns its directory. Throws a UsageError where the zip features are missing or wrong. */
export const trainDeliveryDays = async (options: DeliveryDaysOptions, stream: MessageStream): Promise<string> => {
  const { seed, orders: count } = options
  const heldOutSeed = (seed ^ HELD_OUT) >>> 0
  const view: FeatureView = { version: 1, tzdata: TZDATA_VERSION, fields: DELIVERY_FIELDS }
  const zips = readZips(options.zips)
  const places = civilPlaces(zips.packs)
  const making = startProgress(stream, 'making orders up')
  const span = { places, from: Date.parse(FROM), to: Date.parse(TO) }
  const orders = makeOrders({ ...span, count, seed })
  making.update(0.5)
  const others = makeOrders({ ...span, count: Math.ceil(count / 4), seed: heldOutSeed })
  making.done(`${orders.length} to learn from, ${others.length} of another seed to judge by`)

  const unknown = { zip: zips.unknown, share: UNKNOWN_SHARE, seed }
  const trained = orderRows(orders, view)
  const heldOut = orderRows(others, view)
  const rows = hazardRows(orderRows(orders, view, unknown))
  const parameters = { ...DELIVERY_PARAMETERS, seed }
  const { ensemble } = fitEnsemble(stream, 'fit', rows, undefined, parameters)

  const shares = predictDays(ensemble, heldOut)
  const truth = truthOf(others)
  const judged = {
    model: judgeDays(shares, heldOut.labels),
    truth: judgeDays(truth, heldOut.labels),
    constant: judgeDays(constantOf(trained, others.length), heldOut.labels),
    withoutDistance: judgeDays(predictDays(ensemble, withoutDistance(heldOut)), heldOut.labels),
  }
  const version = await packageDays({
    name: DELIVERY_DAYS,
    version: VERSION,
    output: OUTPUT,
    documentation: 'How many days until it is there? Synthetic: learned from made-up orders, no parcel was ever seen.',
    view,
    ensemble,
    trained,
    trainedInstants: Float64Array.from(orders, ({ epochMilliseconds }) => epochMilliseconds),
    heldOut,
    metrics: {
      made_up: figuresJson(judged.model),
      made_up_by_its_own_rules: figuresJson(judged.truth),
      made_up_without_distance: figuresJson(judged.withoutDistance),
    },
    provenance: {
      rows: orders.length,
      from: FROM,
      to: TO,
      command: `nearcast train delivery-days --seed ${seed}`,
      data: 'made up by src/training/delivery',
      zip: `zip data ${zips.unknown.data}`,
      parameters,
    },
  })
  const card = deliveryDaysCard({
    version: VERSION,
    seed,
    heldOutSeed,
    orders: orders.length,
    from: FROM.slice(0, 10),
    to: TO.slice(0, 10),
    ...judged,
    agreement: { p50: quantileAgreement(shares, truth, 0.5), p90: quantileAgreement(shares, truth, 0.9) },
    unknownShare: UNKNOWN_SHARE,
    trees: ensemble.trees.length,
    leaves: leafCount(ensemble),
    modelBytes: version.model.length,
    greatestDifference: version.greatestDifference,
  })
  const { model } = judged
  stream.write(
    `other seed: ranked score ${model.rankedScore.toFixed(4)} (the rules themselves ${judged.truth.rankedScore.toFixed(4)}), p90 held for ${(model.p90.share * 100).toFixed(1)} %\n`,
  )
  return writeVersion(options.output, version, card, options.replace)
}
