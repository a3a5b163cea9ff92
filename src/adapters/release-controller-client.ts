/** The release controllers behind their namespace binding, one object a model. */

import type { Deadline } from '../core/clock.ts'
import { Failure } from '../core/failure.ts'
import type { VersionRecord } from '../protocol/version-record.ts'
import type {
  CommandReply,
  CommandRequest,
  HistoryPage,
  RegisterReply,
  ReleaseControl,
  ReleaseReply,
  ReserveReply,
  VersionsReply,
} from '../serving/ports/release-control.ts'
import type { Timers } from '../serving/ports.ts'
import { TIMED_OUT, within } from '../serving/within.ts'

/** What this needs of the namespace binding; the objects' class stays in its own room. */
export interface ReleaseControllers {
  getByName(model: string): {
    read(model: string, page: HistoryPage): Promise<unknown>
    command(request: CommandRequest): Promise<unknown>
    versions(): Promise<unknown>
    reserve(version: string, digest: string): Promise<unknown>
    register(record: VersionRecord): Promise<unknown>
  }
}

const unavailable = (model: string, what: string, cause?: unknown): Failure =>
  new Failure('registry_unavailable', `the release controller of "${model}" ${what}`, undefined, { cause })

/** A reply of format 1. A format that this code still accepts is a case of its own here. */
const readReply = <T extends { readonly format: 1 }>(model: string, reply: unknown): T => {
  const format = typeof reply === 'object' && reply !== null && 'format' in reply ? reply.format : undefined
  if (format !== 1) throw unavailable(model, `answered in format ${String(format)}, this code knows 1`)
  return reply as T
}

export const releaseControllerClient = (namespace: ReleaseControllers, timers: Timers): ReleaseControl => {
  type Controller = ReturnType<ReleaseControllers['getByName']>

  const ask = async <T extends { readonly format: 1 }>(
    model: string,
    deadline: Deadline,
    call: (controller: Controller) => Promise<unknown>,
  ): Promise<T> => {
    const reply = await within(call(namespace.getByName(model)), deadline, timers).catch((cause: unknown) => {
      throw unavailable(model, 'cannot be reached', cause)
    })
    if (reply === TIMED_OUT) throw unavailable(model, 'did not answer in time')
    return readReply<T>(model, reply)
  }

  return {
    read: (model, page, deadline) => ask<ReleaseReply>(model, deadline, (object) => object.read(model, page)),
    command: (request, deadline) => ask<CommandReply>(request.model, deadline, (object) => object.command(request)),
    versions: (model, deadline) => ask<VersionsReply>(model, deadline, (object) => object.versions()),
    reserve: (model, version, digest, deadline) =>
      ask<ReserveReply>(model, deadline, (object) => object.reserve(version, digest)),
    register: (record, deadline) => ask<RegisterReply>(record.name, deadline, (object) => object.register(record)),
  }
}
