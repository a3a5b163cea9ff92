/** A model runtime without ONNX: its one graph adds up its inputs. For logic around sessions, not for inference. */
import { createHash } from 'node:crypto'
import type { Manifest } from '../../src/protocol/manifest.ts'
import type { ModelFiles, ModelRuntime, ModelSession } from '../../src/serving/ports.ts'

export class FakeRuntime implements ModelRuntime {
  opened = 0
  released = 0
  /** Rows of each run, in order. */
  readonly runs: number[] = []
  /** Version → what its graph adds to the sum, once it has passed its golden row. NaN is an answer that is not finite. */
  readonly offsets: Record<string, number> = {}
  /** What a run of a version waits for. */
  beforeRun: (version: string) => Promise<void> = async () => undefined
  /** Versions that cannot be opened. */
  readonly broken = new Set<string>()

  open(bytes: Uint8Array = new Uint8Array()): Promise<ModelSession> {
    const version = new TextDecoder().decode(bytes)
    if (this.broken.has(version)) return Promise.reject(new Error(`${version} cannot be opened`))
    this.opened++
    let open = true
    let isGolden = true
    return Promise.resolve({
      inputs: [{ name: 'x', datatype: 'FP32', shape: ['rows', 2] }],
      outputs: [{ name: 'sum' }],
      run: async ({ x }) => {
        await this.beforeRun(version)
        if (!open) throw new Error('the session was released')
        const rows = x?.shape[0] ?? 0
        this.runs.push(rows)
        const offset = isGolden ? 0 : (this.offsets[version] ?? 0)
        isGolden = false
        const data = Float32Array.from(
          { length: rows },
          (_, row) => Number(x?.data[2 * row]) + Number(x?.data[2 * row + 1]) + offset,
        )
        return { sum: { datatype: 'FP32', shape: [rows, 1], data } }
      },
      release: () => {
        if (!open) throw new Error('the session was released twice')
        open = false
        this.released++
        return Promise.resolve()
      },
    })
  }
}

/** A version that `FakeRuntime` can open, with anything else its manifest should say. */
export const fakeFiles = (version: string, changes: Partial<Manifest> = {}): ModelFiles => {
  const model = new TextEncoder().encode(version)
  const manifest: Manifest = {
    name: 'adder',
    version,
    platform: 'onnx_onnxv1',
    sha256: createHash('sha256').update(model).digest('hex'),
    evidence: 'synthetic',
    feature_view: {
      version: 1,
      fields: [
        { name: 'a', source: 'event', default: null },
        { name: 'b', source: 'event', default: null },
      ],
    },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2], fields: ['a', 'b'] }],
    outputs: [{ name: 'sum', datatype: 'FP32', shape: [-1, 1], kind: 'value' }],
    coverage: {},
    golden: [{ inputs: { a: 1, b: 2 }, outputs: { sum: 3 }, tolerance: 1e-6 }],
    ...changes,
  }
  return { manifest, model }
}
