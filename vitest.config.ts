import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { TestUserConfig } from 'vitest/node';

const [SECONDS, MINUTES] = [1000, 60_000];

/** Stryker sets this in the processes that try mutants. It cannot be told a project, so it is told here. */
const mutating = process.env['STRYKER_MUTATOR_WORKER'] !== undefined;

/** One Postgres for all files of a project. It starts when a file of that project is asked for. */
const globalSetup = ['test/support/postgres.ts', 'test/docs/sample.ts'];

// A sample of the docs imports the package by its name, and gets the source.
const alias = {
  'nestjs-token-introspection/testing': source('src/testing/index.ts'),
  'nestjs-token-introspection': source('src/index.ts'),
};

function source(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

const test: TestUserConfig = {
  // What runs unless `--project` names others.
  project: mutating ? ['unit'] : ['unit', 'postgres'],
  projects: [
    {
      test: {
        name: 'unit',
        include: ['test/unit/**/*.spec.ts'],
        isolate: false,
        // The code that Stryker runs counts what it does, in many processes at once.
        testTimeout: mutating ? 2 * MINUTES : 30 * SECONDS,
      },
    },
    {
      resolve: { alias },
      test: {
        name: 'postgres',
        include: ['test/**/*.spec.ts'],
        exclude: ['test/{unit,metrics,stack,browser,faults,hosts}/**'],
        globalSetup,
        hookTimeout: 60 * SECONDS,
        testTimeout: 30 * SECONDS,
      },
    },
    {
      // The generated tests of `postgres` for longer: thousands of sequences, tens of thousands of inputs.
      test: {
        name: 'thorough',
        include: ['test/{model,fuzz}/*.spec.ts'],
        env: {
          MODEL_SEQUENCES: process.env['MODEL_SEQUENCES'] ?? '1250',
          FUZZ_INPUTS: process.env['FUZZ_INPUTS'] ?? '4000',
        },
        globalSetup,
        hookTimeout: 60 * SECONDS,
        testTimeout: 30 * MINUTES,
      },
    },
    {
      test: {
        name: 'metrics',
        include: ['test/metrics/*.spec.ts'],
        globalSetup,
        hookTimeout: 60 * SECONDS,
        testTimeout: 2 * MINUTES,
      },
    },
    {
      test: {
        name: 'stack',
        include: ['test/stack/*.spec.ts'],
        hookTimeout: 15 * MINUTES,
        testTimeout: 2 * MINUTES,
      },
    },
    {
      test: {
        name: 'browser',
        include: ['test/browser/*.spec.ts'],
      },
    },
    {
      test: {
        name: 'faults',
        include: ['test/faults/*.spec.ts'],
        globalSetup,
        // One failure at a time.
        fileParallelism: false,
        hookTimeout: 2 * MINUTES,
        testTimeout: 5 * MINUTES,
      },
    },
  ],
  maxWorkers: 2,
  coverage: {
    include: ['app/**', 'src/**', 'migrations/**'],
  },
};

export default defineConfig({ test });
