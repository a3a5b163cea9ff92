/** Has a group of events answered by its version, or by what stands in for it: who answers, the feature rows, the results. */
import type { Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { FeatureRows } from '../core/features/compute.ts'
import type { Arm } from '../core/release/assign.ts'
import type { Release } from '../core/release/release.ts'
import type { WarningCode } from '../core/warning.ts'
import type { Answerer, AnsweringVersions, Wanted } from './answering.ts'
import type { Candidate } from './candidates.ts'
import type { FeatureRowMaker, Row } from './feature-rows.ts'
import type { RowOutputs } from './output-values.ts'
import type { Background } from './ports.ts'
import { runRows } from './run-rows.ts'
import type { Lease, SessionRegistry } from './session-registry.ts'
import type { ResolvedZip } from './zip-lookup.ts'

/** Events for one version. */
export interface Group {
  readonly version: string
  /** `null`: asked for by name, whatever is released. */
  readonly arm: Arm | null
  readonly candidates: readonly Candidate[]
}

/** A group that somebody answers, until its leases are released. */
export interface Served {
  readonly group: Group
  lease: Lease
  /** Why it is another than the group's version that answers; empty when it is not. */
  standIn: readonly WarningCode[]
  features: FeatureRows
  rows: readonly Row[]
  results: readonly (RowOutputs | Failure)[]
  /** What the group's version came to where it broke, whoever answers instead. */
  broken: Failure | null
}

/** A group that nobody answers. */
export interface Unserved {
  readonly group: Group
  readonly failure: Failure
  readonly broken: Failure | null
}

/** What a group is answered for: the request's release and patience. */
export interface GroupRequest {
  readonly release: Release
  readonly deadline: Deadline
  readonly background: Background
}

export interface GroupServerParts {
  readonly models: SessionRegistry
  readonly answering: AnsweringVersions
  readonly features: FeatureRowMaker
}

/** Versions that may break one after the other before an event fails. */
const MAX_BROKEN = 3

const wantedOf = ({ version, arm }: Group, { release }: GroupRequest): Wanted => ({
  release,
  version,
  isNamed: arm === null,
})

export class GroupServer {
  constructor(private readonly parts: GroupServerParts) {}

  /** Finds who answers. Throws only what is no Failure. */
  async serve(group: Group, request: GroupRequest): Promise<Served | Unserved> {
    const wanted = wantedOf(group, request)
    const { answerer, broken } = await this.parts.answering.of(wanted, request.deadline, request.background)
    if (answerer instanceof Failure) return { group, failure: answerer, broken }
    const { lease, warnings: standIn } = answerer
    const features = lease.model.rows(group.candidates.length)
    return { group, lease, standIn, features, rows: [], results: [], broken }
  }

  /** Computes the feature rows. */
  compute(served: Served, zips: ReadonlyMap<string, ResolvedZip>): void {
    const { model } = served.lease
    const { features } = served
    served.rows = served.group.candidates.map((candidate, row) =>
      this.parts.features.compute(candidate, model, zips, features, row),
    )
  }

  /** Runs the rows; where the session broke, has them answered by what stands in for it. */
  async run(served: Served, zips: Map<string, ResolvedZip>, request: GroupRequest): Promise<void> {
    const { models, answering } = this.parts
    const { deadline, background } = request
    for (let broken = 0; broken < MAX_BROKEN; broken++) {
      const { model } = served.lease
      const { results, isBroken } = await runRows(models, model, served.features, served.rows.length, background)
      served.results = results
      const [failure] = results
      if (!isBroken || !(failure instanceof Failure)) return
      // A stand-in that breaks speaks against no group's version.
      if (model.version === served.group.version) served.broken = failure
      const answerer = await answering.instead(wantedOf(served.group, request), failure, deadline, background)
      if (answerer instanceof Failure) {
        served.results = results.map(() => answerer)
        return
      }
      await this.#replace(served, answerer, zips, request)
    }
  }

  async #replace(
    served: Served,
    { lease, warnings }: Answerer,
    zips: Map<string, ResolvedZip>,
    { deadline, background }: GroupRequest,
  ): Promise<void> {
    const { candidates } = served.group
    served.lease.release()
    served.lease = lease
    served.standIn = warnings
    served.features = lease.model.rows(candidates.length)
    await this.parts.features.lookUpOrigins(candidates, lease.model, zips, deadline, background)
    this.compute(served, zips)
  }
}
