/** A registry that misbehaves on demand, around one that works. */
import type { ReleaseControl } from '../../src/serving/ports/release-control.ts'
import type { VersionObjects } from '../../src/serving/ports/version-objects.ts'

/** `before`: the call never gets there. `after`: it is done, but its caller sees an error. */
export type CallFault = 'none' | 'before' | 'after'

const around = async <T>(fault: CallFault, call: () => Promise<T>): Promise<T> => {
  if (fault === 'before') throw new Error('the call did not get there')
  const reply = await call()
  if (fault === 'after') throw new Error('the reply was lost')
  return reply
}

export const faultyObjects = (real: VersionObjects, fault: () => CallFault): VersionObjects => ({
  write: (...call) => around(fault(), () => real.write(...call)),
  load: (...call) => around(fault(), () => real.load(...call)),
})

export const faultyControl = (
  real: ReleaseControl,
  faultOf: (method: keyof ReleaseControl) => CallFault,
): ReleaseControl => ({
  read: (...call) => around(faultOf('read'), () => real.read(...call)),
  command: (...call) => around(faultOf('command'), () => real.command(...call)),
  versions: (...call) => around(faultOf('versions'), () => real.versions(...call)),
  reserve: (...call) => around(faultOf('reserve'), () => real.reserve(...call)),
  register: (...call) => around(faultOf('register'), () => real.register(...call)),
})
