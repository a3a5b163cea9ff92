/** Opens a version and lets it answer only once it is what its manifest says it is. */
import { Failure } from '../core/failure.ts'
import type { FeatureRows } from '../core/features/compute.ts'
import type { Manifest } from '../protocol/manifest.ts'
import { checkManifest } from './check-manifest.ts'
import { checkGraph } from './check-signature.ts'
import { checkGolden } from './golden.ts'
import { compileInputs } from './input-tensors.ts'
import { compileOutputs, type RowOutputs } from './output-values.ts'
import type { ModelFiles, ModelRuntime, ModelSession, Tensors } from './ports.ts'
import { runCapped } from './run-capped.ts'

export interface LoadedModel {
  readonly manifest: Manifest
  /**
   * One entry per row of `features`, in order: the named outputs, or a Failure: `invalid_feature` for a row
   * whose values the graph cannot take, `model_failed` for one whose outputs are not finite. Rejects with such a Failure when the whole run fails.
   */
  predictRows(features: FeatureRows): Promise<readonly (RowOutputs | Failure)[]>
  /** Tensors in, tensors out, for any number of rows. Rejects with Failure `model_failed` or `invalid_parameter`. */
  infer(inputs: Tensors, outputNames?: readonly string[]): Promise<Tensors>
  /** Whether it still gives its golden rows: told apart are a session that broke and an input that it cannot take. */
  isSound(): Promise<boolean>
  /** Frees the session. Nothing may be asked of the model afterwards. */
  release(): Promise<void>
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** WebCrypto is allowed at module scope and takes under 1 ms for 400 KB, where SHA-256 in JavaScript took 5 to 12 (workerd, 2026-11). */
const checkBytes = async (manifest: Manifest, model: Uint8Array): Promise<void> => {
  const found = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', model)))
  if (found !== manifest.sha256) {
    throw new Failure('model_unavailable', `the model's sha256 is ${found}, the manifest says ${manifest.sha256}`)
  }
}

/** The model behind an open session, which nothing has been checked of but that its manifest agrees with itself. */
export const loadedModel = (manifest: Manifest, session: ModelSession): LoadedModel => {
  const fill = compileInputs(manifest)
  const read = compileOutputs(manifest)
  const names = manifest.outputs.map(({ name }) => name)
  const width = manifest.feature_view.fields.length
  const infer: LoadedModel['infer'] = (inputs, outputNames = names) => runCapped(session, inputs, outputNames)
  return {
    manifest,
    async predictRows(features) {
      const rows = features.numbers.length / width
      if (rows === 0) return []
      const { tensors, refused } = fill(features)
      const outputs = read(await runCapped(session, tensors, names), rows)
      for (const [row, failure] of refused) outputs[row] = failure
      return outputs
    },
    infer,
    isSound: () =>
      checkGolden(manifest, infer).then(
        () => true,
        () => false,
      ),
    release: () => session.release(),
  }
}

const openChecked = async ({ manifest, model }: ModelFiles, runtime: ModelRuntime): Promise<LoadedModel> => {
  await checkBytes(manifest, model)
  checkManifest(manifest)
  const session = await runtime.open(model)
  try {
    checkGraph(manifest, session)
    const opened = loadedModel(manifest, session)
    await checkGolden(manifest, opened.infer)
    return opened
  } catch (error) {
    await session.release()
    throw error
  }
}

/**
 * Opens the graph and compares it with its manifest: sha256, names, datatypes, shapes, fields, golden rows. Awaits no I/O of its own,
 * so it may also run at module scope. Throws Failure `model_unavailable` that names the version, what differs, and both values.
 */
export const openModel = async (files: ModelFiles, runtime: ModelRuntime): Promise<LoadedModel> => {
  try {
    return await openChecked(files, runtime)
  } catch (cause) {
    const { name, version } = files.manifest
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Failure('model_unavailable', `${name}@${version}: ${reason}`, undefined, { cause })
  }
}
