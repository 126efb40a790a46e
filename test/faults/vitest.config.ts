import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/faults/**/*.spec.ts'],
    globalSetup: ['test/support/postgres.ts'],
    // One failure at a time.
    fileParallelism: false,
    hookTimeout: 120_000,
    testTimeout: 300_000,
  },
});
