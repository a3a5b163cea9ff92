/** Compares the scanner with JSON.parse on as many documents as are asked for: `npx node test/fuzz/scan.ts [1000000 [SEED]]`. */
import { compareWithJsonParse } from './compare.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? 1)
const start = performance.now()
const { documents, accepted, bytes } = compareWithJsonParse(count, seed, (done) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} documents`)
})
const seconds = (performance.now() - start) / 1000
console.log(
  `seed ${seed}: ${documents} documents, ${accepted} of them valid, ${(bytes / 1e6).toFixed(0)} MB: no difference to JSON.parse; ${seconds.toFixed(0)} s`,
)
