import { availableParallelism } from 'node:os'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const TEST_VARIABLES = {
  PUBLIC_STATS: 'false',
  ADMIN_TOKEN: 'admin-token-of-the-tests',
  READ_TOKEN: 'read-token-of-the-tests',
  WRITE_TOKEN: 'write-token-of-the-tests',
  LATENCY_SAMPLE: '1',
}

/** Two runtimes: plain Node, and workerd on the real local bindings. Files in test/parity run in both. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: [
            'test/unit/**/*.test.ts',
            'test/parity/**/*.test.ts',
            'test/conformance/**/*.test.ts',
            'test/faults/**/*.test.ts',
          ],
          testTimeout: 60_000,
          // By default, a core is left to whoever watches: of two, that is half of the machine.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            // Whatever .dev.vars holds, the tests see these.
            miniflare: { bindings: TEST_VARIABLES },
          }),
        ],
        test: {
          name: 'workerd',
          include: ['test/workers/**/*.test.ts', 'test/parity/**/*.test.ts'],
          // Importing the 14 MB wasm costs seconds per file: one isolate pays once. With two, a run of all tests did not end (vitest-plugin 1.4.10, 2026-11).
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
          // Its CommonJS files import each other in a circle, which only a bundler unties here; wrangler's does.
          deps: { optimizer: { ssr: { enabled: true, include: ['@datadog/sketches-js'] } } },
          testTimeout: 60_000,
        },
      },
    ],
  },
})
