/** Where the files of published versions are kept. */
import type { Deadline } from '../../core/clock.ts'
import type { ModelFiles } from '../ports.ts'

/** A version's files, byte for byte as they were published. */
export interface VersionFiles {
  readonly manifest: Uint8Array
  readonly model: Uint8Array
  readonly reference: Uint8Array | null
  readonly card: Uint8Array | null
}

/** Whether a version exists is the release controller's to say: what was written and never registered may lie here too. */
export interface VersionObjects {
  /** Writes all files, the manifest last, over whatever lies there. Rejects with Failure `registry_unavailable`. */
  write(model: string, version: string, files: VersionFiles, deadline: Deadline): Promise<void>
  /** `null`: nothing lies there. Rejects with Failure `model_unavailable`. The caller checks that the graph is the manifest's. */
  load(model: string, version: string, deadline: Deadline): Promise<ModelFiles | null>
}
