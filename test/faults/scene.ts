import { afterAll, beforeAll, expect } from 'vitest';
import { Callers } from './callers.js';
import type { Question } from './callers.js';
import { makeOriginal, pause } from './database.js';
import type { Original } from './database.js';

/** All in milliseconds. The bounds are the contract's and a busy machine's. */
export const READ_TIMEOUT = 2000;
const FAULT_LASTS = 5000;
const STEADY = 3000;
const SLOWEST = READ_TIMEOUT + 3000;
const RECOVERY = 5000 + 5000;

export interface Scene {
  readonly origin: string;
  readonly headers: readonly string[];
  readonly questions: readonly Question[];
  /** What goes wrong. @returns what puts it right, which may say when that was. */
  readonly fault: () => Promise<() => Promise<number | void> | void>;
  /** Whether the server goes away, and requests that it has not accepted are no wrong answers. */
  readonly goesAway?: boolean;
}

const rows: string[] = [];

/** Asks before, during and after a failure, and holds the answers against the contract. */
export async function playScene(name: string, scene: Scene): Promise<Callers> {
  const { origin, headers, questions, goesAway = false } = scene;
  // As a load balancer does, which takes connections too.
  const looks = setInterval(() => void fetch(`${origin}/health/ready`).catch(() => {}), 250);
  const callers = new Callers(origin, headers, questions, goesAway);
  await callers.steady(1000);
  const heal = await scene.fault();
  await pause(FAULT_LASTS);
  const healed = (await heal()) ?? performance.now();
  await callers.steady(STEADY);
  await callers.end();
  clearInterval(looks);
  expect((await fetch(`${origin}/health/ready`)).status).toBe(200);
  const recovery = callers.recovery(healed);
  const { sent, right, unavailable, wrong, slowest } = callers;
  const figures = [sent, right, unavailable, wrong.length, slowest, recovery].map(Math.round);
  rows.push(`| ${[name, ...figures].join(' | ')} |`);
  expect(wrong.slice(0, 10)).toEqual([]);
  expect(right + unavailable).toBe(sent);
  expect(slowest).toBeLessThan(SLOWEST);
  expect(recovery).toBeLessThan(RECOVERY);
  return callers;
}

/** What a file's databases are copies of. When all its scenes are over, they are printed as a table. */
export function originalForFile(): () => Original {
  let original: Original;
  beforeAll(async () => {
    original = await makeOriginal();
  });
  afterAll(async () => {
    await original?.remove();
    const head = '| failure | sent | right | 503 | wrong | slowest, ms | recovered after, ms |';
    process.stdout.write(`\n${[head, '|-|-|-|-|-|-|-|', ...rows].join('\n')}\n\n`);
  });
  return () => original;
}
