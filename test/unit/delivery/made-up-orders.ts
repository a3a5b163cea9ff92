/** Orders by the rules of `delivery-days`, over the committed zips. */
import { readZips, type ZipData } from '../../../src/cli/train/read-zips.ts'
import { makeOrders, type Order } from '../../../src/training/delivery/orders.ts'
import { civilPlaces, type Place } from '../../../src/training/places.ts'
import { repositoryPath } from '../training/training-fixtures.ts'

export const zipData: ZipData = readZips(repositoryPath('kv-seed'))
export const places: readonly Place[] = civilPlaces(zipData.packs)

export const ordersOf = (seed: number, count: number, from = '2026-01-01', to = '2029-01-01'): Order[] =>
  makeOrders({ places, count, seed, from: Date.parse(from), to: Date.parse(to) })

export const placeAt = (zip: string): Place => {
  const place = places.find((each) => each.zip === zip)
  if (place === undefined) throw new Error(`no place ${zip}`)
  return place
}
