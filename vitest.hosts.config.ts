import { defineConfig } from 'vitest/config';
import { nameOf } from './test/hosts/corners.js';
import { makeHosts } from './test/hosts/make-hosts.js';

const [SECONDS, MINUTES] = [1000, 60_000];

/** The tests that hold for every host, in one host for each corner, against the package as it is installed. */
export default defineConfig(async () => ({
  test: {
    // Of our own clone and its packages: one Postgres for all hosts.
    globalSetup: ['test/support/postgres.ts'],
    maxWorkers: 2,
    projects: [...(await makeHosts())].map(([corner, root]) => ({
      root,
      test: {
        name: nameOf(corner),
        include: [
          'test/hosts/application.spec.ts',
          ...(corner.builders ? ['test/hosts/builds.spec.ts'] : []),
          'test/{module,conformance,freshness}/*.spec.ts',
          'test/docs/readme.spec.ts',
        ],
        hookTimeout: 2 * MINUTES,
        testTimeout: 60 * SECONDS,
      },
    })),
  },
}));
