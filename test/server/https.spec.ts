import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../app/environment/environment.js';
import { Failure } from '../../app/failure.js';
import { transportSecurity } from '../../app/server/tls.js';
import { selfSigned } from '../support/certificate.js';
import type { Pem } from '../support/certificate.js';
import { databaseForTest } from '../support/database.js';
import { ask } from '../support/http.js';
import type { Question } from '../support/http.js';
import {
  directoryForTest,
  eventually,
  expectFailure,
  runServer,
  serverForTest,
  startServer,
} from '../support/programs.js';
import { tokenForTest } from '../support/workers.js';

const NOWHERE = 'postgres://user:password@127.0.0.1:1/x';

let pem: Pem;
let other: Pem;
beforeAll(async () => {
  [pem, other] = await Promise.all([selfSigned(), selfSigned()]);
});

/** The variables that name files with this in them. */
async function tlsVariables(cert: string, key: string): Promise<Record<string, string>> {
  const directory = await directoryForTest();
  const [TLS_CERT_FILE, TLS_KEY_FILE] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  await writeFile(TLS_CERT_FILE, cert);
  await writeFile(TLS_KEY_FILE, key);
  return { TLS_CERT_FILE, TLS_KEY_FILE };
}

/** Asks by HTTPS, and trusts this certificate alone. */
function askSafely(origin: string, ca: string, { headers = [], ...question }: Question) {
  const { hostname, port } = new URL(origin);
  const { method = 'POST', path = '/introspect', body = '' } = question;
  return new Promise<unknown>((resolve, reject) => {
    const all = ['Host', 'localhost', 'Connection', 'close', ...headers];
    all.push('Content-Length', String(body.length));
    request({ ca, hostname, port, path, method, headers: all }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(JSON.parse(text)));
    })
      .on('error', reject)
      .end(body);
  });
}

describe('HTTPS', () => {
  it.each(['1', '2'])('is served with the certificate, by WORKERS=%s', async (WORKERS) => {
    const { url, question } = await tokenForTest();
    const tls = await tlsVariables(pem.cert, pem.private);
    const variables = { DATABASE_URL: url, WORKERS, HOST: '0.0.0.0', ...tls };
    const { origin, stop } = await startServer(variables);
    expect(origin).toMatch(/^https:\/\/localhost:\d+$/);
    const safely = (what: Question) => askSafely(origin, pem.cert, what);
    expect(await safely(question)).toMatchObject({ active: true });
    expect(await safely({ ...question, body: 'token=unknown' })).toEqual({ active: false });
    expect(await safely({ method: 'GET', path: '/health/ready' })).toEqual({ status: 'ok' });
    await expect(askSafely(origin, other.cert, question)).rejects.toThrow('self-signed');
    await expect(ask(origin.replace('https', 'http'), question)).rejects.toThrow();
    expect(await stop()).toMatchObject({ code: 0, stderr: '' });
  });

  it('is served with a new certificate without a restart, and with the old one until it fits', async () => {
    const { url, question } = await tokenForTest();
    const tls = await tlsVariables(pem.cert, pem.private);
    const server = await serverForTest({ DATABASE_URL: url, ...tls });
    await writeFile(tls['TLS_CERT_FILE']!, other.cert);
    await eventually(() => server.log().some(({ level }) => level === 'warn'));
    expect(await askSafely(server.origin, pem.cert, question)).toMatchObject({ active: true });
    await writeFile(tls['TLS_KEY_FILE']!, other.private);
    await eventually(() => server.log().some(({ msg }) => msg === 'The certificate was renewed'));
    expect(await askSafely(server.origin, other.cert, question)).toMatchObject({ active: true });
    await expect(askSafely(server.origin, pem.cert, question)).rejects.toThrow('self-signed');
  });

  it.each<[string, () => Promise<Record<string, string>>, RegExp]>([
    [
      'a file that is not there',
      async () => ({ TLS_CERT_FILE: '/nowhere/cert.pem', TLS_KEY_FILE: '/nowhere/key.pem' }),
      /^TLS_CERT_FILE: the file \/nowhere\/cert\.pem cannot be read/,
    ],
    [
      'a certificate that is none',
      () => tlsVariables('garbage', pem.private),
      /^TLS_CERT_FILE .* cannot be used together/,
    ],
    [
      'a key that is none',
      () => tlsVariables(pem.cert, 'garbage'),
      /^TLS_CERT_FILE .* cannot be used together/,
    ],
    [
      'the key of another certificate',
      () => tlsVariables(pem.cert, other.private),
      /^TLS_CERT_FILE .* cannot be used together .*key values mismatch/,
    ],
  ])('fails at start in one line with %s', async (_what, variables, message) => {
    const outcome = await runServer([], { DATABASE_URL: NOWHERE, ...(await variables()) });
    expectFailure(outcome, message);
    expect(outcome.stderr).not.toMatch(/garbage|PRIVATE KEY/);
  });
});

describe('Plain HTTP', () => {
  const check = (variables: Record<string, string>) =>
    transportSecurity(readEnvironment(variables));

  it.each([
    '0.0.0.0',
    '::',
    '192.168.1.10',
    '10.0.0.1',
    '203.0.113.7',
    'sts.example',
    '2001:db8::1',
  ])('is refused on %s, unless it is allowed by name', async (HOST) => {
    await expect(check({ HOST })).rejects.toThrow(Failure);
    await expect(check({ HOST, ALLOW_PLAIN_HTTP: 'false' })).rejects.toThrow(Failure);
    expect(await check({ HOST, ALLOW_PLAIN_HTTP: 'true' })).toBeUndefined();
  });

  it.each(['127.0.0.1', '127.0.0.2', '::1', 'localhost'])(
    'is served on %s, which this machine alone can reach',
    async (HOST) => {
      expect(await check({ HOST })).toBeUndefined();
    },
  );

  it.each(['127.0.0.1:3000', '127.0.0.1:0', '127.0.0.1:', '[::1]:3000', 'localhost:8080'])(
    'is served in a container that is published on %s',
    async (PUBLISHED_ADDRESS) => {
      expect(await check({ HOST: '0.0.0.0', PUBLISHED_ADDRESS })).toBeUndefined();
    },
  );

  it.each(['0.0.0.0:3000', '3000', ':3000', '[::]:3000', '192.168.1.10:3000', '127.0.0.1', '::1'])(
    'is refused in a container that is published on %s, unless it is allowed by name',
    async (PUBLISHED_ADDRESS) => {
      const published = { HOST: '0.0.0.0', PUBLISHED_ADDRESS };
      await expect(check(published)).rejects.toThrow(`PUBLISHED_ADDRESS is ${PUBLISHED_ADDRESS},`);
      expect(await check({ ...published, ALLOW_PLAIN_HTTP: 'true' })).toBeUndefined();
      expect(await check({ ...published, HOST: '127.0.0.1' })).toBeUndefined();
    },
  );

  it('is refused at start in one line that says what to do', async () => {
    const message =
      /^HOST is 0\.0\.0\.0, .*TLS_CERT_FILE and TLS_KEY_FILE, .*ALLOW_PLAIN_HTTP=true/;
    expectFailure(await runServer([], { DATABASE_URL: NOWHERE, HOST: '0.0.0.0' }), message);
  });

  it('is served everywhere where it is allowed', async () => {
    const { url } = await databaseForTest();
    const variables = { DATABASE_URL: url, HOST: '0.0.0.0', ALLOW_PLAIN_HTTP: 'true' };
    const { origin } = await serverForTest(variables);
    const { json } = await ask(origin, { method: 'GET', path: '/health/ready' });
    expect(json).toEqual({ status: 'ok' });
  });
});
