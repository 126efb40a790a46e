import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, onTestFinished } from 'vitest';
import { emptyDatabase } from '../support/empty-database.js';
import { FORM, ask, basic } from '../support/http.js';
import type { Adapter } from '../support/host.js';

interface Started {
  origin: string;
  clientId: string;
  clientSecret: string;
  token: string;
}

/** Starts a compiled application, for one test, and introspects the token that it has issued. */
export async function expectIntrospection(
  main: string,
  adapter: Adapter,
  node = process.execPath,
): Promise<void> {
  const { origin, clientId, clientSecret, token } = await start(node, main, adapter);
  const headers = [...FORM, 'Authorization', basic(clientId, clientSecret)];
  const answer = await ask(origin, { headers, body: `token=${token}` });
  expect(answer).toMatchObject({ status: 200, json: { active: true, sub: 'somebody' } });
}

/** It prints one line when it is ready. */
async function start(node: string, main: string, adapter: Adapter): Promise<Started> {
  const child = spawn(node, [main, adapter], {
    env: { ...process.env, DATABASE_URL: await emptyDatabase() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill());
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{')) return JSON.parse(line) as Started;
    errors += `${line}\n`;
  }
  throw new Error(`The application did not start:\n${errors}`);
}
