import { defineConfig, mergeConfig } from 'vitest/config';
import usual from '../vitest.config.js';

/** The generated tests for longer: thousands of sequences, tens of thousands of inputs. */
export default mergeConfig(
  usual,
  defineConfig({
    test: {
      env: {
        MODEL_SEQUENCES: process.env['MODEL_SEQUENCES'] ?? '1250',
        FUZZ_INPUTS: process.env['FUZZ_INPUTS'] ?? '4000',
      },
      testTimeout: 1_800_000,
    },
  }),
);
