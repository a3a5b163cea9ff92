/**
 * Featurizes large inputs and fails when one takes 512 MB of memory or loses a row: `npm run scale [-- GIGABYTES]`, 1 unless told otherwise.
 * Needs twice as much room on the disk of the temporary folder.
 */
import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { finished } from 'node:stream/promises'
import { parquetMetadataAsync } from 'hyparquet'
import { runMeasured } from '../../bench/measured-child.ts'
import { writeRecords } from '../../bench/record-files.ts'
import { RECORD_SIZES, type RecordSize } from '../../bench/records.ts'
import { ROOT } from '../../bench/root.ts'

const MOST_BYTES = 512e6

const gigabytes = Number(process.argv[2] ?? 1)
if (!(gigabytes > 0)) throw new Error(`expected a number of gigabytes, got ${process.argv[2]}`)

const folder = mkdtempSync(join(tmpdir(), 'featurize-scale-'))

/** Lines as the elements of one list, over as many lines. */
const asList = (): Transform => {
  let isFirst = true
  let before = '['
  return new Transform({
    transform(chunk: Buffer, _, done) {
      // Each chunk is whole lines.
      const elements = chunk.toString('latin1').trimEnd().replaceAll('\n', ',\n')
      done(null, Buffer.from(before + elements, 'latin1'))
      isFirst = false
      before = ',\n'
    },
    flush(done) {
      done(null, isFirst ? '[]' : ']\n')
    },
  })
}

const writeInput = async (path: string, size: RecordSize, isList: boolean): Promise<number> => {
  const file = createWriteStream(path)
  if (!isList) return writeRecords(file, size, gigabytes * 1e9)
  const list = asList()
  const written = finished(file)
  list.pipe(file)
  const rows = await writeRecords(list, size, gigabytes * 1e9)
  await written
  return rows
}

const rowsOf = async (path: string): Promise<number> => {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(end - start)
      await file.read(bytes, 0, bytes.length, start)
      return bytes.buffer
    }
    return Number((await parquetMetadataAsync({ byteLength: size, slice })).num_rows)
  } finally {
    await file.close()
  }
}

const check = async (size: RecordSize, isList: boolean): Promise<boolean> => {
  const input = join(folder, 'input.json')
  const output = join(folder, 'rows.parquet')
  const expected = await writeInput(input, size, isList)
  const args = [join(ROOT, 'dist', 'nearcast.js'), 'featurize', input, '--output', output, '--label', 'device']
  const { milliseconds, peakBytes } = await runMeasured(process.execPath, args, ROOT)
  const rows = await rowsOf(output)
  const isRight = rows === expected && (peakBytes ?? Number.POSITIVE_INFINITY) < MOST_BYTES
  const { size: bytes } = statSync(input)
  console.log(
    `${isRight ? 'ok' : 'FAILED'}: ${size} ${isList ? 'list' : 'lines'}, ${(bytes / 1e9).toFixed(2)} GB, ${rows} of ${expected} rows, peak ${peakBytes === undefined ? 'unknown' : `${Math.round(peakBytes / 1e6)} MB`}, ${(milliseconds / 1e3).toFixed(1)} s`,
  )
  rmSync(input)
  rmSync(output)
  return isRight
}

execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
try {
  const version = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version
  console.log(
    `nearcast ${version}, Node ${process.versions.node}, ${gigabytes} GB each, less than ${MOST_BYTES / 1e6} MB allowed`,
  )
  let failures = 0
  for (const size of RECORD_SIZES) if (!(await check(size, false))) failures++
  if (!(await check('log', true))) failures++
  process.exitCode = failures === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
