import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.spec.ts'],
    exclude: ['test/faults/**', 'test/metrics/**', 'test/stack/**'],
    globalSetup: ['test/support/postgres.ts'],
    hookTimeout: 60_000,
    testTimeout: 30_000,
    maxWorkers: 2,
    coverage: {
      include: ['app/**', 'src/**', 'migrations/**'],
    },
  },
});
