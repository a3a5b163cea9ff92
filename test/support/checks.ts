/** Checks of a program of its own, outside vitest: each is told on a line and counted. */
let passed = 0
let failed = 0

export const check = async (name: string, run: () => unknown): Promise<void> => {
  try {
    await run()
    passed++
    console.log(`ok   ${name}`)
  } catch (error) {
    failed++
    console.log(`FAIL ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export const expectThat = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

/** Prints the last line of the program, `NAME: 3 passed, 0 failed`, which counts; the exit code is 1 if one failed, or none ran. */
export const endChecks = (name: string): void => {
  console.log(`${name}: ${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
}
