/** Says what held and what did not. */

export class Report {
  private passed = 0
  private failed = 0

  check(name: string, isTrue: boolean, detail: string): void {
    if (isTrue) this.passed++
    else this.failed++
    process.stdout.write(`${isTrue ? 'ok    ' : 'FAILED'} ${name}: ${detail}\n`)
  }

  /** Prints the counts and sets the exit code. */
  end(): void {
    process.stdout.write(`${this.passed} passed, ${this.failed} failed\n`)
    process.exitCode = this.failed === 0 ? 0 : 1
  }
}
