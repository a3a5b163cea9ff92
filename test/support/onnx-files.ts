/** The graphs of test/fixtures/onnx as files, for tests that run in Node. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StoredFixture } from './onnx-fixtures.ts'

const folder = join(import.meta.dirname, '../fixtures/onnx')

export const graphBytes = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join(folder, `${name}.onnx`)))

export const storedFixture = (name: string): StoredFixture =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
