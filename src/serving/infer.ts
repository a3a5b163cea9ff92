/** The verb of the Open Inference Protocol: tensors in, tensors out, on the stable version or on one that is named. */
import type { Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { Release } from '../core/release/release.ts'
import type { BodyLimits } from '../protocol/body.ts'
import type { InferenceRequest, InferenceResponse, ModelMetadata } from '../protocol/inference.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { PROBLEMS } from '../protocol/problem.ts'
import type { AnsweringVersions, Wanted } from './answering.ts'
import { answeringVersions } from './keep-versions.ts'
import type { KnownReleases } from './known-releases.ts'
import type { Leased } from './lease-version.ts'
import type { Observer } from './observe.ts'
import { compileOutputs } from './output-values.ts'
import type { Background, Tensors } from './ports.ts'
import type { ModelVersion } from './readiness.ts'
import { rowsOf } from './run-capped.ts'
import type { Lease, SessionRegistry } from './session-registry.ts'
import { readInputs, readOutputNames, writeOutput } from './wire-tensors.ts'

export interface InferenceParts {
  readonly releases: KnownReleases
  readonly models: SessionRegistry
  readonly answering: AnsweringVersions
  readonly observer: Observer
}

/** The request's own: how long it may wait, and what holds the work that outlives it. */
export interface Patience {
  readonly deadline: Deadline
  readonly background: Background
}

/** The version that is meant: the stable one, or one that the caller named. */
export interface ChosenVersion extends ModelVersion, Wanted {
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

/** Why another version answers, as it stands in `parameters`. */
type TensorFlag = 'release_fallback' | 'version_fallback'

/** The session broke, which was counted, and nobody answers instead. */
class Broken extends Failure {}

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
    const { answering, models } = this.parts
    try {
      answering.checkSwitchedOn()
      const lease = await models.acquire(name, version, deadline, background)
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
      const flag = leased.isStandIn ? 'release_fallback' : null
      return await this.#runOn(leased.lease, flag, request, limits, async (failure) => {
        if (!(await this.parts.models.hasBroken(leased.lease.model, patience.background))) throw failure
        this.parts.observer.failure({ code: failure.code, model: chosen.name, version })
        const { deadline, background } = patience
        const lease = await this.parts.answering.forTensorsInstead(chosen, deadline, background)
        if (lease === undefined) throw new Broken('model_unavailable', failure.message, undefined, { cause: failure })
        version = lease.model.version
        return this.#runOn(lease, 'version_fallback', request, limits)
      })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const isVersions = error.code === 'unknown_version' ? !chosen.isNamed : PROBLEMS[error.code].status >= 500
      if (!isVersions) throw error
      if (!(error instanceof Broken)) this.parts.observer.failure({ code: error.code, model: chosen.name, version })
      return error
    }
  }

  #lease(chosen: ChosenVersion, { deadline, background }: Patience): Promise<Leased> {
    return this.parts.answering.forTensors(chosen, deadline, background)
  }

  /** Releases `lease`. Where the graph itself failed, `otherwise` answers. */
  async #runOn(
    lease: Lease,
    flag: TensorFlag | null,
    request: InferenceRequest,
    limits: BodyLimits,
    otherwise: (failure: Failure) => Promise<InferenceResponse> = (failure) => Promise.reject(failure),
  ): Promise<InferenceResponse> {
    try {
      const { manifest } = lease.model.loaded
      const names = readOutputNames(manifest, request.outputs)
      const inputs = readInputs(manifest, request.inputs, limits)
      // All outputs, so that they are counted whichever were asked for.
      const tensors = await lease.model.loaded.infer(inputs).catch((failure: unknown) => {
        if (failure instanceof Failure && failure.code === 'model_failed') return failure
        throw failure
      })
      if (tensors instanceof Failure) return await otherwise(tensors)
      return this.#response(lease, flag, request, names, inputs, tensors)
    } finally {
      lease.release()
    }
  }

  #response(
    lease: Lease,
    flag: TensorFlag | null,
    request: InferenceRequest,
    names: readonly string[],
    inputs: Tensors,
    tensors: Tensors,
  ): InferenceResponse {
    const { name: model, version, loaded } = lease.model
    const { observer } = this.parts
    const outputs = names.map((name) => writeOutput(name, tensors[name]))
    const flags = flag === null ? [] : [flag]
    for (const row of compileOutputs(loaded.manifest)(tensors, rowsOf(inputs))) {
      if (row instanceof Failure) observer.failure({ code: row.code, model, version })
      else observer.prediction({ model, version, outputs: row, flags })
    }
    return {
      model_name: model,
      model_version: version,
      ...(request.id === undefined ? {} : { id: request.id }),
      ...(flag === null ? {} : { parameters: { [flag]: true } }),
      outputs,
    }
  }
}
