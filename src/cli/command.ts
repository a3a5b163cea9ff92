/** What every `nearcast` command is, and how it says that its input was bad. */
export interface Command {
  readonly summary: string
  /** The text of `--help`: usage, options with defaults, one example. */
  readonly help: string
  /** Returns the exit code: 0, or 1 for a failure that was already reported. Throw `UsageError` for bad input (exit code 2). */
  run(args: readonly string[]): Promise<number>
}

/** Bad input: printed without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
