/** Where the training fixtures lie, and small tables made from seeds. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Matrix } from '../../../src/training/matrix.ts'
import { seededRandom } from '../../../src/training/random.ts'

/** Made by test/fixtures/training/make_fixtures.py and check_with_sklearn.py. */
export const fixturePath = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/training/${name}`, import.meta.url))

export const readFixture = <T>(name: string): T => JSON.parse(readFileSync(fixturePath(name), 'utf8')) as T

export const repositoryPath = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** Rows whose label depends on the first two of three features; one value in ten is missing where `missing` is set. */
export const madeUpMatrix = (rows: number, seed: number, missing = false): Matrix => {
  const random = seededRandom(seed)
  const values = new Float32Array(rows * 3)
  const labels = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) {
    const [a, b, c] = [random(), random() * 100 - 50, Math.floor(random() * 5)]
    labels[row] = random() < (a > 0.6 === b > 0 ? 0.8 : 0.2) ? 1 : 0
    values.set([a, b, c], row * 3)
    if (missing && random() < 0.3) values[row * 3 + Math.floor(random() * 3)] = Number.NaN
  }
  return { names: ['a', 'b', 'c'], values, labels }
}
