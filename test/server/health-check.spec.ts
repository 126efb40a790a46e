import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { selfSigned } from '../support/certificate.js';
import { emptyDatabase } from '../support/empty-database.js';
import { ROOT, directoryForTest, serverForTest } from '../support/programs.js';
import type { Variables } from '../support/programs.js';
import { tokenForTest } from '../support/workers.js';

/** Runs the image's health check. @returns its exit code, which Docker looks at */
async function check(variables: Variables): Promise<unknown> {
  const program = join(ROOT, 'dist', 'app', 'server', 'health-check.js');
  const child = spawn(process.execPath, [program], { env: variables, stdio: 'inherit' });
  return (await once(child, 'exit'))[0];
}

/** The same variables in a file, with a certificate beside it. */
async function inFileWithCertificate(): Promise<Variables> {
  const folder = await directoryForTest();
  const { cert, private: key } = await selfSigned();
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
  const file = join(folder, 'config.json');
  await writeFile(file, '{"TLS_CERT_FILE": "cert.pem", "TLS_KEY_FILE": "key.pem"}');
  return { CONFIG_FILE: file };
}

it.each<[string, () => Promise<Variables>]>([
  ['HTTP', async () => ({})],
  ['HTTPS from CONFIG_FILE', inFileWithCertificate],
])('The health check finds a server on %s ready, until it has stopped', async (_, variables) => {
  const configured = { DATABASE_URL: (await tokenForTest()).url, ...(await variables()) };
  const server = await serverForTest(configured);
  const environment = { ...configured, PORT: new URL(server.origin).port };
  expect(await check(environment)).toBe(0);
  await server.stop();
  expect(await check(environment)).toBe(1);
});

it('The health check finds a server without tables unready', async () => {
  const DATABASE_URL = await emptyDatabase();
  const server = await serverForTest({ DATABASE_URL });
  expect(await check({ DATABASE_URL, PORT: new URL(server.origin).port })).toBe(1);
});
