import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, vi } from 'vitest';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type Variables = Record<string, string>;

/** For tests that hold reads back, or keep every core busy. */
export const PATIENT = { READ_TIMEOUT: '10000' } as const;

/** How long anything is waited for, in milliseconds: only a test that fails takes so long. */
const PATIENCE = 60_000;

// Programs take their time to start on a busy machine.
vi.setConfig({ testTimeout: 2 * PATIENCE, hookTimeout: 2 * PATIENCE });

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the compiled command to its end, with these environment variables and no others of ours. */
export function runCli(
  args: readonly string[],
  variables: Variables,
  stdin = '',
): Promise<Outcome> {
  return follow(spawnProgram('cli', args, variables), stdin).exited;
}

/** The same under `--json`. @returns what it printed. */
export async function cliJson<T = Record<string, unknown>>(
  args: readonly string[],
  variables: Variables,
): Promise<T> {
  const { code, stdout, stderr } = await runCli([...args, '--json'], variables);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as T;
}

/** Runs the compiled server until it ends by itself. */
export function runServer(args: readonly string[], variables: Variables): Promise<Outcome> {
  return follow(spawnProgram('server', args, variables), '').exited;
}

/** What is said to an operator when something fails: one line, no stack trace, nothing on stdout. */
export function expectFailure({ code, stdout, stderr }: Outcome, says: RegExp): void {
  expect(stderr).toMatch(says);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/\n\s+at |node:internal|Error:/);
  expect(stdout).toBe('');
  expect(code).toBe(1);
}

export interface ServerProcess {
  readonly processId: number;
  readonly origin: string;
  /** Everything that it has printed so far. */
  readonly output: () => string;
  /** The log lines so far. */
  readonly log: () => Record<string, unknown>[];
  readonly signal: (name: NodeJS.Signals) => void;
  readonly exited: Promise<Outcome>;
  /** Stops it as an operator would. @returns how it ended. */
  readonly stop: () => Promise<Outcome>;
}

/**
 * Starts the compiled server on a free port, and waits until it says that it answers.
 * @param clone the folder whose `dist` it is in; absent: ours
 */
export async function startServer(
  variables: Variables,
  args: readonly string[] = [],
  clone?: string,
): Promise<ServerProcess> {
  const child = spawnProgram('server', args, { PORT: '0', ...variables }, clone);
  const { output, exited } = follow(child, '');
  const ended = exited.then(({ stderr }) => {
    throw new Error(`The server ended before it was ready: ${stderr}`);
  });
  const origin = await Promise.race([
    ended,
    eventually(() => /Listening on (https?:[^"]+)/.exec(output())?.[1]),
  ]);
  ended.catch(() => {});
  const signal = (name: NodeJS.Signals) => void child.kill(name);
  return {
    processId: child.pid!,
    origin,
    output,
    log: () =>
      output()
        .split('\n')
        // What comes after the last line's end may be half a line.
        .slice(0, -1)
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    signal,
    exited,
    stop: () => {
      signal('SIGTERM');
      return exited;
    },
  };
}

/** The same, for one test. */
export async function serverForTest(...started: Parameters<typeof startServer>) {
  const server = await startServer(...started);
  onTestFinished(async () => void (await server.stop()));
  return server;
}

/** Asks again and again until there is something else than undefined, null or false. */
export async function eventually<T>(
  question: () => T | Promise<T>,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const answer = await question();
    if (answer !== undefined && answer !== null && answer !== false) return answer as never;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${question.toString()}`);
    await setTimeout(25);
  }
}

/** A directory for one test, which only its owner may enter. */
export async function directoryForTest(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'introspection-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

function spawnProgram(
  name: 'cli' | 'server',
  args: readonly string[],
  variables: Variables,
  clone = ROOT,
): ChildProcessWithoutNullStreams {
  const main = join(clone, 'dist', 'app', name, 'main.js');
  const { PATH, HOME, SystemRoot } = process.env;
  const env = { PATH, HOME, SystemRoot, ...variables };
  return spawn(process.execPath, [main, ...args], { env });
}

/** One reader for each stream: of two, one can miss what comes last. */
function follow(child: ChildProcessWithoutNullStreams, stdin: string) {
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {}).end(stdin);
  const exited = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { output: () => stdout, exited };
}
