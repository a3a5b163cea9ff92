/** `nearcast validate` as it is called: report, JSON, exit codes, bare graphs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import { command } from '../../../src/cli/commands/validate.ts'
import { FOREIGN, servedDirectory } from '../../support/foreign.ts'
import { modelOf, node, tensor } from '../../support/small-graphs.ts'

const scratch = mkdtempSync(join(tmpdir(), 'nearcast-validate-command-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const running = async (...args: string[]): Promise<{ code: number; text: string }> => {
  const parts: string[] = []
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    parts.push(String(part))
    return true
  })
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const code = await command.run(args)
    return { code, text: parts.join('') }
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
  }
}

describe('nearcast validate', () => {
  it('prints a line for each check and a verdict, and exits with 0 when all is well', async () => {
    const { code, text } = await running(servedDirectory('pipeline'))
    expect(code).toBe(0)
    expect(text).toMatch(/^pipeline 1\.0\.0 \(.*\), by onnxruntime-web 1\.30\.0\n/)
    expect(text).toMatch(/\n {2}ok {7}golden {5}12 rows reproduce, differing by at most \d/)
    expect(text).toMatch(/\n {2}- {8}baseline {3}no labels given/)
    expect(text).toMatch(/\nvalid: 12 checks passed, 0 warnings, 2 skipped\n$/)
  })

  it('exits with 1 when a check fails', async () => {
    const { code, text } = await running(servedDirectory('mlp'), '--max-bytes', '100')
    expect(code).toBe(1)
    expect(text).toContain('  FAILED   size       1597 bytes, of 100 at most')
    expect(text).toMatch(/\nNOT VALID: 1 of 14 checks failed/)
  })

  it('prints the same as JSON', async () => {
    const rows = join(FOREIGN, 'mlp.parquet')
    const { code, text } = await running(servedDirectory('mlp'), '--json', '--rows', rows, '--label', 'bought')
    const report = JSON.parse(text)
    expect(code).toBe(0)
    expect(report).toMatchObject({
      model_name: 'mlp',
      model_version: '1.0.0',
      runtime: 'onnxruntime-web 1.30.0',
      valid: true,
    })
    const baseline = report.checks.find(({ name }: { name: string }) => name === 'baseline')
    expect(baseline).toMatchObject({ status: 'passed', figures: { rows: 300 } })
  })

  it('looks at a graph without a manifest', async () => {
    const { code, text } = await running(join(FOREIGN, 'lightgbm.onnx'))
    expect(code).toBe(0)
    expect(text).toContain('input "input": FP32 [-1, 8]')
    expect(text).toContain('output "probabilities": no tensor; nearcast import takes a ZipMap off')
  })

  it('says what to do about weights that are elsewhere', async () => {
    const { code, text } = await running(join(FOREIGN, 'mlp.onnx'))
    expect(code).toBe(1)
    expect(text).toContain('1 of its weights are in another file; nearcast import moves them into the graph')
  })

  it('refuses a graph with a fixed number of rows', async () => {
    const path = join(scratch, 'fixed.onnx')
    const graph = { input: [tensor('x', [1, 2])], output: [tensor('y', [1, 2])], node: [node('Relu', ['x'], ['y'])] }
    writeFileSync(path, modelOf(graph))
    const { code, text } = await running(path)
    expect(code).toBe(1)
    expect(text).toContain('"x" takes a fixed number of rows')
  })

  const BAD: [string[], string][] = [
    [[], 'name one version directory'],
    [['nowhere'], 'nowhere does not exist'],
    [[scratch], 'is no model version: it has no model.onnx'],
    [[servedDirectory('mlp'), '--label', 'bought'], '--label goes with --rows'],
    [[servedDirectory('mlp'), '--max-bytes', 'many'], '--max-bytes many: expected a number above 0'],
    [[servedDirectory('mlp'), '--baseline', 'accuracy=1'], '--baseline accuracy=1: expected log_loss'],
    [[servedDirectory('mlp'), '--baseline', 'auc='], '--baseline auc=: expected'],
    [[servedDirectory('mlp'), '--stable', scratch], 'is no model version'],
  ]
  for (const [args, says] of BAD) {
    it(`takes as bad input: ${says}`, async () => {
      await expect(running(...args)).rejects.toThrow(says)
      await expect(running(...args)).rejects.toThrow(UsageError)
    })
  }
})
