import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/stack/**/*.spec.ts'],
    hookTimeout: 900_000,
    testTimeout: 120_000,
  },
});
