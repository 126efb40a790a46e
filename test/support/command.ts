import { execFile } from 'node:child_process';

export interface Result {
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. @throws Error with all that it printed, when it fails */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Result> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (!error) return resolve({ stdout, stderr });
        reject(new Error(`${program} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error }));
      },
    ).stdin?.end();
  });
}
