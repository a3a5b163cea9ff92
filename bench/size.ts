/**
 * Prints the sizes of the scripts that browsers load and of the bundle that would be deployed, raw and gzip, and fails above their gates. `--env
 * NAME` names an environment.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { BEACON_GATES, beaconScripts } from '../ops/pages/beacon-bundle.ts'

/** Bytes; the free plan's older limit is 3 MB and the paid one's 10 MB (Cloudflare documentation, 2026-11). */
const GATE_GZIP_BYTES = 5_000_000

// An empty name is the top level of wrangler.toml.
const { env } = parseArgs({ options: { env: { type: 'string', default: '' } } }).values

const scripts = Object.entries(await beaconScripts()).map(([name, text]) => ({
  file: `the beacon, ${name}`,
  raw: Buffer.byteLength(text),
  gzip: gzipSync(text, { level: 9 }).byteLength,
  gate: BEACON_GATES[name as keyof typeof BEACON_GATES],
}))
console.table(scripts)
for (const { file, gzip, gate } of scripts) {
  if (gzip <= gate) continue
  console.error(`${file} has ${gzip} bytes gzip; the gate is ${gate}`)
  process.exitCode = 1
}

const directory = mkdtempSync(join(tmpdir(), 'nearcast-bundle-'))
try {
  const args = ['deploy', '--dry-run', `--env=${env}`, '--outdir', directory]
  execFileSync('wrangler', args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const rows = readdirSync(directory)
    .filter((file) => !file.endsWith('.map') && file !== 'README.md')
    .map((file) => {
      const bytes = readFileSync(join(directory, file))
      return { file, raw: bytes.byteLength, gzip: gzipSync(bytes, { level: 9 }).byteLength }
    })
  const total = { raw: rows.reduce((sum, row) => sum + row.raw, 0), gzip: rows.reduce((sum, row) => sum + row.gzip, 0) }
  console.table([...rows, { file: 'total', ...total }])
  if (total.gzip > GATE_GZIP_BYTES) {
    console.error(`the bundle has ${total.gzip} bytes gzip; the gate is ${GATE_GZIP_BYTES}`)
    process.exitCode = 1
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
