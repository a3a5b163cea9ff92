/** The verb of the Open Inference Protocol: tensors in, tensors out, on the stable version or on one that is named. */
import type { Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { Release } from '../core/release/release.ts'
import type { BodyLimits } from '../protocol/body.ts'
import type { InferenceRequest, InferenceResponse, ModelMetadata } from '../protocol/inference.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { PROBLEMS } from '../protocol/problem.ts'
import { answeringVersions } from './keep-versions.ts'
import type { KnownReleases } from './known-releases.ts'
import type { Leased, VersionLeaser } from './lease-version.ts'
import type { Observer } from './observe.ts'
import { compileOutputs } from './output-values.ts'
import type { Background } from './ports.ts'
import type { ModelVersion } from './readiness.ts'
import { rowsOf } from './run-capped.ts'
import type { SessionRegistry } from './session-registry.ts'
import { readInputs, readOutputNames, writeOutput } from './wire-tensors.ts'

export interface InferenceParts {
  readonly releases: KnownReleases
  readonly models: SessionRegistry
  readonly leaser: VersionLeaser
  readonly observer: Observer
}

/** The request's own: how long it may wait, and what holds the work that outlives it. */
export interface Patience {
  readonly deadline: Deadline
  readonly background: Background
}

/** The version that is meant: the stable one, or one that the caller named. */
export interface ChosenVersion extends ModelVersion {
  readonly release: Release
  readonly isNamed: boolean
  /** The release lets it answer anybody. */
  readonly mayAnswer: boolean
}

const describeTensor = ({ name, datatype, shape }: Manifest['inputs' | 'outputs'][number]) => ({
  name,
  datatype,
  shape: [...shape],
})

export class Inference {
  constructor(private readonly parts: InferenceParts) {}

  /** Without `version` the stable one is meant: tensors have no visitor to be sticky for. Throws Failure `unknown_model`. */
  async choose(model: string, version: string | undefined, patience: Patience): Promise<ChosenVersion> {
    const known = await this.parts.releases.consult(model, patience.deadline, patience.background)
    if (known === null) throw new Failure('unknown_model', `there is no model "${model}"`, 'model')
    const { release } = known
    if (version === undefined) {
      return { name: model, version: release.stable, release, isNamed: false, mayAnswer: true }
    }
    return { name: model, version, release, isNamed: true, mayAnswer: answeringVersions(release).includes(version) }
  }

  /** What the version takes and puts out; of `versions`, the one that says so. Throws Failure `unknown_version`, `model_unavailable` or `deadline_exceeded`. */
  async describe(chosen: ChosenVersion, patience: Patience): Promise<ModelMetadata> {
    const { lease } = await this.#lease(chosen, patience)
    lease.release()
    const { name, version, platform, inputs, outputs } = lease.model.loaded.manifest
    const [takes, putsOut] = [inputs.map(describeTensor), outputs.map(describeTensor)]
    return { name, versions: [version], platform, inputs: takes, outputs: putsOut }
  }

  /** Why the version itself cannot be served, `null` when it can; loads it if need be. Throws Failure `unknown_version` for a named one. */
  async whyNotReady(
    { name, version, isNamed }: ChosenVersion,
    { deadline, background }: Patience,
  ): Promise<string | null> {
    try {
      const lease = await this.parts.models.acquire(name, version, deadline, background)
      lease.release()
      return null
    } catch (error) {
      if (isNamed && error instanceof Failure && error.code === 'unknown_version') throw error
      return error instanceof Error ? error.message : String(error)
    }
  }

  /**
   * The answer; or the failure of the version or its runtime, counted once against it: `model_failed`, `model_unavailable`,
   * `deadline_exceeded`, and `unknown_version` of the stable one. Rows are counted as predicted events are. Throws, uncounted, what is
   * the caller's: `invalid_parameter`, `too_many_events`, and `unknown_version` of one that was named.
   */
  async infer(
    chosen: ChosenVersion,
    request: InferenceRequest,
    limits: BodyLimits,
    patience: Patience,
  ): Promise<InferenceResponse | Failure> {
    let { version } = chosen
    try {
      const leased = await this.#lease(chosen, patience)
      version = leased.lease.model.version
      try {
        return await this.#run(leased, request, limits)
      } finally {
        leased.lease.release()
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const isVersions = error.code === 'unknown_version' ? !chosen.isNamed : PROBLEMS[error.code].status >= 500
      if (!isVersions) throw error
      this.parts.observer.failure({ code: error.code, model: chosen.name, version })
      return error
    }
  }

  async #lease(
    { name, version, release, isNamed }: ChosenVersion,
    { deadline, background }: Patience,
  ): Promise<Leased> {
    const { models, leaser } = this.parts
    return isNamed
      ? { lease: await models.acquire(name, version, deadline, background), isStandIn: false }
      : leaser.stable(release, deadline, background)
  }

  async #run({ lease, isStandIn }: Leased, request: InferenceRequest, limits: BodyLimits): Promise<InferenceResponse> {
    const { name: model, version, loaded } = lease.model
    const { manifest } = loaded
    const names = readOutputNames(manifest, request.outputs)
    const inputs = readInputs(manifest, request.inputs, limits)
    // All outputs, so that they are counted whichever were asked for.
    const tensors = await loaded.infer(inputs)
    const outputs = names.map((name) => writeOutput(name, tensors[name]))
    const { observer } = this.parts
    const flags = isStandIn ? ['release_fallback'] : []
    for (const row of compileOutputs(manifest)(tensors, rowsOf(inputs))) {
      if (row instanceof Failure) observer.failure({ code: row.code, model, version })
      else observer.prediction({ model, version, outputs: row, flags })
    }
    return {
      model_name: model,
      model_version: version,
      ...(request.id === undefined ? {} : { id: request.id }),
      ...(isStandIn ? { parameters: { release_fallback: true } } : {}),
      outputs,
    }
  }
}
