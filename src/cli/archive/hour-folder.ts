/** The folder of one hour of the archive on this machine. */
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readArchiveKey } from '../../protocol/archive-keys.ts'
import type { RemoteObject } from './archive-client.ts'

const PART = '.part'

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

export class HourFolder {
  readonly path: string

  constructor(
    output: string,
    readonly day: string,
    readonly hour: string,
  ) {
    this.path = join(output, day, hour)
  }

  /** Where the object lies when it is here. */
  fileOf({ key }: RemoteObject): string {
    return join(this.path, basename(key))
  }

  /** Where it is written until the whole hour is here: no reader looks at it, and a later run finds it. */
  partOf({ key, writtenAt }: RemoteObject): string {
    return join(this.path, `.${basename(key)}.${writtenAt}${PART}`)
  }

  /** It is here as it is there: an object that was written anew has another time. */
  async holds(object: RemoteObject): Promise<boolean> {
    const found = await stat(this.fileOf(object)).catch(() => null)
    return found !== null && found.size === object.bytes && Math.abs(found.mtimeMs - object.writtenAt) < 1_000
  }

  /** An interrupted run has fetched it whole. */
  async holdsPart(object: RemoteObject): Promise<boolean> {
    const found = await stat(this.partOf(object)).catch(() => null)
    return found?.size === object.bytes
  }

  async make(): Promise<void> {
    await mkdir(this.path, { recursive: true })
  }

  /**
   * Files whose events are in a joined object now: they are not in `objects`, which holds a joined one that was written later. What the
   * deployment merely keeps no longer stays here.
   */
  async stale(objects: readonly RemoteObject[]): Promise<string[]> {
    const names = new Set(objects.map(({ key }) => basename(key)))
    const joinedAt = Math.max(...objects.map(({ key, writtenAt }) => (readArchiveKey(key)?.isJoined ? writtenAt : 0)))
    const stale: string[] = []
    for (const name of await this.#names()) {
      const parts = readArchiveKey(`archive/${this.day}/${this.hour}/${name}`)
      if (parts === null || parts.isJoined || names.has(name)) continue
      const { mtimeMs } = await stat(join(this.path, name))
      if (mtimeMs <= joinedAt) stale.push(name)
    }
    return stale
  }

  /**
   * Puts `fetched` in place. What is stale goes first, so that no reader finds an event in two files; a run that is interrupted between has
   * the parts, and the next one puts them in place.
   */
  async replace(objects: readonly RemoteObject[], fetched: readonly RemoteObject[]): Promise<void> {
    for (const name of await this.stale(objects)) await rm(join(this.path, name), { force: true })
    for (const object of fetched) {
      const at = new Date(object.writtenAt)
      await utimes(this.partOf(object), at, at)
      await rename(this.partOf(object), this.fileOf(object))
    }
    const left = (await this.#names()).filter((name) => name.startsWith('.') && name.endsWith(PART))
    for (const name of left) await rm(join(this.path, name), { force: true })
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.path)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }
}
