/** Publishes a version: checked as it will be served, written, and only then registered. */
import { type Clock, deadlineIn } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { Published, PublishedVersions } from '../protocol/admin.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { checkFieldsKnown, checkReference, readManifest } from './check-upload.ts'
import type { DescribedRepository } from './describe-models.ts'
import { openModel } from './open-model.ts'
import type { ReleaseControl } from './ports/release-control.ts'
import type { VersionFiles, VersionObjects } from './ports/version-objects.ts'
import type { ModelRuntime } from './ports.ts'
import { canonical, versionRecord } from './version-record.ts'

export interface PublisherParts {
  readonly bundled: DescribedRepository
  readonly objects: VersionObjects
  readonly control: ReleaseControl
  readonly runtime: ModelRuntime
  /** Of this deployment's zip features. */
  readonly zipColumns: readonly string[]
  readonly clock: Clock
}

/** A call of the controller. */
const CONTROL_MILLISECONDS = 5_000
/** The files, 25 MiB at most; with the calls around it well within the two minutes of a reservation. */
const WRITE_MILLISECONDS = 30_000

export class Publisher {
  constructor(private readonly parts: PublisherParts) {}

  /**
   * Publishes `files` as a version of `model`. The files are written first; the version exists from the moment the controller has registered
   * it. Whoever repeats the call with the same bytes gets the same version, with its files written anew. Throws Failure `invalid_upload`, `invalid_manifest`,
   * `unknown_fields`, `version_refused`, `version_exists` or `registry_unavailable`.
   */
  async publish(model: string, files: VersionFiles, by: string): Promise<Published> {
    const { control, objects, clock } = this.parts
    const manifest = readManifest(files.manifest)
    await this.#check(model, manifest, files)
    if (this.#isBundled(manifest)) {
      return { created: false, version: await versionRecord(manifest, files, 'the bundle', null) }
    }
    const record = await versionRecord(manifest, files, by, clock.epochMilliseconds())
    const { version, digest } = record
    const reserved = await control.reserve(model, version, digest, this.#in(CONTROL_MILLISECONDS))
    if (reserved.outcome === 'exists') {
      const message = `${model}@${version} is published with other bytes (digest ${reserved.digest}, yours ${digest}); a version never changes, so give yours another number`
      throw new Failure('version_exists', message, 'version')
    }
    if (reserved.outcome === 'full') {
      const message = `${model} has ${reserved.most} versions, as many as a model may; publish under another model name`
      throw new Failure('version_refused', message, 'name')
    }
    if (reserved.outcome === 'busy') {
      const until = new Date(reserved.until).toISOString()
      throw new Failure(
        'version_exists',
        `${model}@${version} is being published with other bytes, until ${until} at the latest`,
      )
    }
    await objects.write(model, version, files, this.#in(WRITE_MILLISECONDS))
    if (reserved.outcome === 'published') return { created: false, version: reserved.record }
    const registered = await control.register(record, this.#in(CONTROL_MILLISECONDS))
    if (registered.outcome === 'published') return { created: true, version: registered.record }
    throw new Failure('registry_unavailable', `${model}@${version} took too long to store; publish it again`)
  }

  /** Throws Failure `registry_unavailable`, and `unknown_model` where there is no version at all. */
  async versions(model: string): Promise<PublishedVersions> {
    const { bundled, control } = this.parts
    const { versions } = await control.versions(model, this.#in(CONTROL_MILLISECONDS))
    const shipped = [...bundled.versions(model)]
    if (versions.length + shipped.length === 0) {
      throw new Failure('unknown_model', `there is no model "${model}"`, 'model')
    }
    return { model, bundled: shipped, published: [...versions] }
  }

  async #check(model: string, manifest: Manifest, files: VersionFiles): Promise<void> {
    if (manifest.name !== model) {
      throw new Failure('invalid_manifest', `the manifest is of "${manifest.name}", the path of "${model}"`, 'name')
    }
    checkFieldsKnown(manifest, this.parts.zipColumns)
    checkReference(manifest, files)
    const opened = await openModel({ manifest, model: files.model }, this.parts.runtime).catch((cause: unknown) => {
      const message = cause instanceof Error ? cause.message : String(cause)
      throw new Failure('version_refused', message, undefined, { cause })
    })
    await opened.release()
  }

  /** Whether the bundle has the same graph under the same manifest. Throws Failure `version_exists` where it has another. */
  #isBundled(manifest: Manifest): boolean {
    const { name, version } = manifest
    const bundled = this.parts.bundled.manifest(name, version)
    if (bundled === null) return false
    if (JSON.stringify(bundled, canonical) === JSON.stringify(manifest, canonical)) return true
    const message = `${name}@${version} ships in the bundle of this deployment, with another graph or manifest`
    throw new Failure('version_exists', message, 'version')
  }

  #in(milliseconds: number): ReturnType<typeof deadlineIn> {
    return deadlineIn(this.parts.clock, milliseconds)
  }
}
