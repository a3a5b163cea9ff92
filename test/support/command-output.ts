/** Runs a command of the CLI and catches what it prints. */
import { vi } from 'vitest'
import type { Command } from '../../src/cli/command.ts'

export const runCommand = async (
  command: Command,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> => {
  const caught = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((part) => {
      caught[name] += String(part)
      return true
    }),
  )
  try {
    return { code: await command.run(args), ...caught }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
