import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Two runtimes: plain Node, and workerd on the real local bindings. Files in test/parity run in both. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/unit/**/*.test.ts', 'test/parity/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' } })],
        test: {
          name: 'workerd',
          include: ['test/workers/**/*.test.ts', 'test/parity/**/*.test.ts'],
          // Importing the 14 MB wasm costs seconds per file: one isolate pays once.
          isolate: false,
          testTimeout: 60_000,
        },
      },
    ],
  },
})
