#!/usr/bin/env node
import { CommanderError } from 'commander';
import { oneLine } from '../failure.js';
import { createProgram } from './program.js';

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander has written its own line already.
  if (!(error instanceof CommanderError)) process.stderr.write(`${oneLine(error)}\n`);
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
}
