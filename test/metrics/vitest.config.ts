import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/metrics/**/*.spec.ts'],
    globalSetup: ['test/support/postgres.ts'],
    hookTimeout: 60_000,
    testTimeout: 120_000,
  },
});
