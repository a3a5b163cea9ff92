/** Brings an hour, or a day, of the archive here: what is missing is fetched, what was joined meanwhile goes. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HOUR_FORM, readArchiveKey } from '../../protocol/archive-keys.ts'
import type { ArchiveClient, Listing, RemoteObject } from './archive-client.ts'
import { HourFolder } from './hour-folder.ts'

export interface Brought {
  fetched: number
  bytes: number
  /** Files that were here already. */
  kept: number
  removed: number
}

export interface DownloadParts {
  readonly client: ArchiveClient
  readonly output: string
  /** Bytes of an object that was fetched. */
  onBytes(bytes: number): void
  /** Before an hour that is being joined is looked at again. */
  pause(): Promise<void>
}

/** An hour that did not stand still. */
class Unsettled extends Error {
  override readonly name = 'Unsettled'
}

/** Requests at the same time. */
const FETCHES = 4
/** Compaction may join an hour while it is fetched; it does so once an hour. */
const ATTEMPTS = 5

const isSame = (one: Listing, other: Listing): boolean => JSON.stringify(one) === JSON.stringify(other)

const hourOf = ({ key }: RemoteObject): string => readArchiveKey(key)?.hour ?? ''

const hoursHere = async (output: string, day: string): Promise<string[]> =>
  (await readdir(join(output, day)).catch(() => [])).filter((name) => HOUR_FORM.test(name))

/** Fetches each to its part. False: one is not as it was listed, or gone. */
const fetchParts = async (
  { client, onBytes }: DownloadParts,
  folder: HourFolder,
  objects: readonly RemoteObject[],
): Promise<boolean> => {
  const left = objects.values()
  let isWhole = true
  const runner = async (): Promise<void> => {
    for (const object of left) {
      if (!isWhole) return
      if (await folder.holdsPart(object)) continue
      isWhole &&= await client.fetch(object.key, folder.partOf(object))
      isWhole &&= await folder.holdsPart(object)
      onBytes(object.bytes)
    }
  }
  await Promise.all(Array.from({ length: FETCHES }, runner))
  return isWhole
}

/**
 * The hour as it is in the archive. It is listed before and after: when both lists are alike, no join came between, since sources go before
 * what they were joined to comes. Throws `Unsettled` when it does not stand still.
 */
export const bringHour = async (
  parts: DownloadParts,
  { day, hour }: { readonly day: string; readonly hour: string },
  first: Listing,
): Promise<Brought> => {
  const { client, output } = parts
  const folder = new HourFolder(output, day, hour)
  let listing = first
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const missing: RemoteObject[] = []
    for (const object of listing.objects) if (!(await folder.holds(object))) missing.push(object)
    const stale = await folder.stale(listing.objects)
    const kept = listing.objects.length - missing.length
    if (missing.length + stale.length === 0 && !listing.isJoining) return { fetched: 0, bytes: 0, kept, removed: 0 }
    await folder.make()
    const isWhole = await fetchParts(parts, folder, missing)
    const again = await client.list(day, hour)
    if (isWhole && !again.isJoining && isSame(listing, again)) {
      await folder.replace(listing.objects, missing)
      const bytes = missing.reduce((sum, object) => sum + object.bytes, 0)
      return { fetched: missing.length, bytes, kept, removed: stale.length }
    }
    if (again.isJoining) await parts.pause()
    listing = again
  }
  throw new Unsettled(`${day} ${hour} h is being joined, so it is left as it was: run this again later`)
}

/** Brings a day, or one hour of it. Hours that do not stand still are told to `onUnsettled`, and left as they were. */
export const bringDay = async (
  parts: DownloadParts,
  { day, hour }: { readonly day: string; readonly hour: string | null },
  onTotal: (bytes: number) => void,
  onUnsettled: (reason: string) => void,
): Promise<Brought> => {
  const whole = await parts.client.list(day, hour)
  onTotal(whole.objects.reduce((sum, { bytes }) => sum + bytes, 0))
  const here = hour === null ? await hoursHere(parts.output, day) : [hour]
  const hours = [...new Set([...whole.objects.map(hourOf), ...here])].sort()
  const sum: Brought = { fetched: 0, bytes: 0, kept: 0, removed: 0 }
  for (const of of hours) {
    const objects = whole.objects.filter((object) => hourOf(object) === of)
    try {
      const one = await bringHour(parts, { day, hour: of }, { objects, isJoining: whole.isJoining })
      sum.fetched += one.fetched
      sum.bytes += one.bytes
      sum.kept += one.kept
      sum.removed += one.removed
    } catch (error) {
      if (!(error instanceof Unsettled)) throw error
      onUnsettled(error.message)
    }
  }
  if (hours.length === 0 && whole.isJoining) onUnsettled(`${day} is being joined: run this again later`)
  return sum
}
