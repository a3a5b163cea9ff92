/** Two small zip packs and their means, and a store whose faults a test chooses. */
import type { Deadline } from '../../src/core/clock.ts'
import type { ZipMeans, ZipPack } from '../../src/core/zip/zip-pack.ts'
import { type ZipPackStore, ZipStoreFault } from '../../src/serving/ports.ts'

const columns = ['latitude', 'longitude', 'state', 'time_zone']

export const PACKS: Record<string, ZipPack> = {
  '941': {
    format: 1,
    data: '2026-11',
    columns,
    zips: { '94107': [37.7621, -122.3971, 'CA', 'America/Los_Angeles'] },
  },
  '100': { format: 1, data: '2026-11', columns, zips: { '10001': [40.7484, -73.9967, 'NY', 'America/New_York'] } },
}

export const MEANS: ZipMeans = {
  format: 1,
  data: '2026-11',
  columns,
  national: [38.5, -91.2, 'TX', 'America/New_York'],
  zip3: {
    '941': [37.76, -122.44, 'CA', 'America/Los_Angeles'],
    '100': [40.75, -73.98, 'NY', 'America/New_York'],
  },
}

/** The twin of the KV store for plain Node. */
export const memoryZipStore = (packs: Readonly<Record<string, ZipPack>> = PACKS): ZipPackStore => ({
  read: (zip3s) => Promise.resolve(new Map(zip3s.map((zip3) => [zip3, packs[zip3] ?? null]))),
})

export type ZipFault = 'none' | 'hang' | 'error' | 'corrupt'

/** A decorator around a real store: injects the fault it is set to and counts the reads. */
export class FaultyZipStore implements ZipPackStore {
  fault: ZipFault = 'none'
  reads = 0
  constructor(private readonly inner: ZipPackStore) {}

  read(zip3s: readonly string[], deadline: Deadline): ReturnType<ZipPackStore['read']> {
    this.reads++
    switch (this.fault) {
      case 'none':
        return this.inner.read(zip3s, deadline)
      case 'hang':
        return new Promise(() => undefined)
      case 'error':
        return Promise.reject(new ZipStoreFault('error', 'injected'))
      case 'corrupt':
        return Promise.resolve(new Map(zip3s.map((zip3) => [zip3, new ZipStoreFault('corrupt', 'injected')])))
    }
  }
}
