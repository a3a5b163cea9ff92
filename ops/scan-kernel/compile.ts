/** Compiles src/core/scan/kernel from AssemblyScript to WebAssembly, the same bytes each time. */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const KERNEL = resolve(import.meta.dirname, '../../src/core/scan/kernel')

/**
 * Speed before size. The kernel places its data itself, so it needs no allocator; the memory begins small and is grown by whoever
 * instantiates it. The sources are named .as, because .ts would have them compiled and linted as TypeScript.
 */
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--initialMemory', '1']

/** As much of `assemblyscript/asc` as is used here. */
interface Compiler {
  main(
    options: readonly string[],
    files: {
      readFile(name: string): Promise<string | null>
      writeFile(name: string, contents: string | Uint8Array): void
      listFiles(directory: string): readonly string[]
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>
}

/** A name that the type checker does not follow: the package's own declarations take the place of the global `console` (0.28.20). */
const COMPILER: string = 'assemblyscript/asc'

/** The module. Throws with the compiler's own messages where a source does not compile. */
export const compileKernel = async (): Promise<Uint8Array> => {
  const { default: compiler } = (await import(COMPILER)) as { readonly default: Compiler }
  let output: Uint8Array | undefined
  const { error, stderr } = await compiler.main(['kernel.ts', ...OPTIONS, '--outFile', 'kernel.wasm'], {
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
