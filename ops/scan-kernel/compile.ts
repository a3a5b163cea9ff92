/** Compiles src/core/scan/kernel from AssemblyScript to WebAssembly, the same bytes each time. */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import asc from 'assemblyscript/asc'

const KERNEL = resolve(import.meta.dirname, '../../src/core/scan/kernel')

/**
 * Speed before size. The kernel places its data itself, so it needs no allocator; the memory begins small and is grown by whoever
 * instantiates it. The sources are named .as, because .ts would have them compiled and linted as TypeScript.
 */
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--initialMemory', '1']

/** The module. Throws with the compiler's own messages where a source does not compile. */
export const compileKernel = async (): Promise<Uint8Array> => {
  let output: Uint8Array | undefined
  const { error, stderr } = await asc.main(['kernel.ts', ...OPTIONS, '--outFile', 'kernel.wasm'], {
    readFile: (name) => readFile(join(KERNEL, name.replace(/\.ts$/, '.as')), 'utf8').catch(() => null),
    writeFile: (_name, contents) => {
      output = typeof contents === 'string' ? undefined : contents
    },
    listFiles: () => [],
  })
  if (error !== null) throw new Error(`the kernel does not compile: ${stderr.toString()}`, { cause: error })
  if (output === undefined) throw new Error('the compiler wrote no module')
  return output
}
