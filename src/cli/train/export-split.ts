/** Writes rows, labels and predictions as plain little-endian arrays, for other programs to check the trainer with. */
import type { Split } from '../../training/evaluation/split.ts'
import type { Matrix } from '../../training/matrix.ts'
import { printJson } from './print-json.ts'
import { writeFiles } from './write-files.ts'

/** The bytes of a typed array; every machine Node.js runs on today is little-endian. */
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/**
 * Under `directory`: `features.f32` (rows × names, row-major), `labels.u8`, `held-out-probabilities.f32` (the trainer's own, of the rows
 * from `test` on) and `split.json` (names; training rows end at `validation`, held-out ones begin at `test`).
 */
export const exportSplit = (directory: string, matrix: Matrix, split: Split, heldOut: Float32Array): Promise<void> =>
  writeFiles(directory, {
    'features.f32': bytesOf(matrix.values),
    'labels.u8': bytesOf(matrix.labels),
    'held-out-probabilities.f32': bytesOf(heldOut),
    'split.json': `${printJson({ names: matrix.names, ...split })}\n`,
  })
