import { defineConfig } from 'vitest/config';

/** The tests of the decision path that need no database: each mutant is held against all that reach it. */
export default defineConfig({
  test: {
    include: ['test/unit/*.spec.ts'],
    isolate: false,
    testTimeout: 120_000,
  },
});
