import { join } from 'node:path';

/** In per cent of all mutants. */
const LEAST = 85;

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  // The decision path: who asks, what is asked, what is known of it, what is answered.
  mutate: [
    'src/decision/*.ts',
    'src/jwt/compact-jws.ts',
    'src/jwt/jws-signature.ts',
    'src/jwt/jwt*.ts',
    'src/jwt/revocation-hash.ts',
    'src/jwt/strict-json.ts',
    'src/tokens/opaque-token*.ts',
    'src/clients/basic-credentials.ts',
    'src/clients/candidates-plan.ts',
    'src/clients/client-authenticator.ts',
    'src/clients/client-rows.ts',
    'src/clients/remembered-verdicts.ts',
    'src/clients/secret-hash.ts',
    // Not the reader: without its schedule questions wait for ever. Histories of freshness are its test.
    'src/persistence/batch.ts',
    'src/persistence/lookup.ts',
    'src/persistence/plan*.ts',
    'src/persistence/rows.ts',
    'src/model/soon.ts',
    'src/model/standard-members.ts',
    'src/http/form-parameters.ts',
  ],
  testRunner: 'vitest',
  plugins: [
    join(import.meta.dirname, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js'),
  ],
  // vitest.config.ts picks the unit tests, which need no database: no option here names a project.
  // They reach the source over HTTP, so which of them are related cannot be seen from imports.
  vitest: { related: false },
  coverageAnalysis: 'perTest',
  // What is done once, when a module is loaded, cannot be changed for one test alone.
  ignoreStatic: true,
  ignorePatterns: ['bench', 'coverage', 'demo', 'dist', 'mutation', '.data'],
  tempDirName: 'mutation/.data/sandbox',
  incremental: true,
  incrementalFile: 'mutation/.data/results.json',
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: 'mutation/.data/report.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  concurrency: 2,
  // A slow machine must not pass for a mutant that never ends.
  timeoutMS: 120_000,
  thresholds: { high: 95, low: LEAST, break: LEAST },
};
