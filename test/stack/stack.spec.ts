import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.js';
import { FORM, ask, basic } from '../support/http.js';
import { STS_IMAGE, Stack } from './stack.js';

const LOCK = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const AUDIENCE = 'https://orders.example.com';

let stack: Stack;
let sts: string;
let api: string;
beforeAll(async () => {
  stack = await Stack.start();
  sts = await stack.origin('sts');
  api = await stack.origin('resource-server');
});
afterAll(() => stack?.remove());

describe('the stack', () => {
  it.each(['/health/live', '/health/ready'])('is healthy at %s', async (path) => {
    expect(await ask(sts, { method: 'GET', path })).toMatchObject({ status: 200 });
  });

  it.each(['opaque', 'jwt'])(
    'lets the API pass a token until it is revoked: %s',
    async (format) => {
      const token = await issueToken(AUDIENCE, format);
      expect(await callApi(token)).toMatchObject({ status: 200, json: { for: 'alice' } });
      await stack.introspection('token', 'revoke', token);
      const refused = await callApi(token);
      expect(refused.status).toBe(401);
      expect(refused.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    },
  );

  it('refuses a call to the API without a token', async () => {
    const refused = await ask(api, { method: 'GET', path: '/orders' });
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe('Bearer');
  });

  it('refuses a token for another API', async () => {
    expect(await callApi(await issueToken('https://other.example.com'))).toMatchObject({
      status: 401,
    });
  });

  it('answers a client that the operator registered', async () => {
    const create = ['client', 'create', 'another-api', '--audience', AUDIENCE];
    const client = await stack.introspection<Credentials>(...create);
    const introspect = (token: string) =>
      ask(sts, {
        headers: [...FORM, 'Authorization', basic(client.client_id, client.client_secret)],
        body: `token=${token}`,
      });
    const token = await issueToken(AUDIENCE);
    expect(await introspect(token)).toMatchObject({
      status: 200,
      json: { active: true, client_id: 'orders-app', sub: 'alice', aud: [AUDIENCE] },
    });
    await stack.introspection('token', 'revoke', token);
    expect(await introspect(token)).toMatchObject({ status: 200, text: '{"active":false}' });
  });

  it('takes a second start on the same data', async () => {
    await stack.compose('up', '-d', '--no-build');
    for (const service of ['migrate', 'keys', 'seed']) {
      expect((await stack.inspect(service)).State).toMatchObject({ Status: 'exited', ExitCode: 0 });
    }
  });
});

describe('the containers', () => {
  it.each(['sts', 'resource-server'])('%s has no privilege', async (service) => {
    const { Config, HostConfig } = await stack.inspect(service);
    expect(Config.User).toBe('node');
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
    });
  });

  it('keep the server from writing anywhere but in /tmp', async () => {
    const script = `const { writeFileSync } = require('node:fs');
      const write = (path) => { try { writeFileSync(path, ''); return 'yes' } catch (e) { return e.code } };
      const paths = ['/tmp/x', '/app/x', '/app/dist/x', '/home/node/x'];
      console.log(JSON.stringify([process.getuid() > 0, ...paths.map(write)]))`;
    expect(JSON.parse(await stack.evaluate('sts', script))).toEqual([
      true,
      'yes',
      'EROFS',
      'EROFS',
      'EROFS',
    ]);
  });

  it('give the server no capability, and no way to one', async () => {
    const script = `console.log(require('node:fs').readFileSync('/proc/1/status', 'utf8'))`;
    const status = await stack.evaluate('sts', script);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect(status).toMatch(new RegExp(`^${set}:\\t0{16}$`, 'm'));
    }
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  });

  it('give the server no key that signs', async () => {
    const script = `const { readFileSync, readdirSync } = require('node:fs');
      const { keys } = JSON.parse(readFileSync(process.env.JWKS_FILE, 'utf8'));
      console.log(JSON.stringify([keys.map((key) => Object.keys(key).sort()), readdirSync('keys')]))`;
    expect(JSON.parse(await stack.evaluate('sts', script))).toEqual([
      [['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']],
      [],
    ]);
    const issue = ['token', 'issue', '--client', 'orders-app', '--format', 'jwt'];
    const inServer = stack.compose('exec', '-T', 'sts', 'node', 'dist/app/cli/main.js', ...issue);
    await expect(inServer).rejects.toThrow(/There is no private key in .* to sign a JWT with/);
  });

  it('let the operator’s command run where the server runs', async () => {
    const list = ['node', 'dist/app/cli/main.js', 'client', 'list', '--json'];
    expect(JSON.parse(await stack.compose('exec', '-T', 'sts', ...list))).toEqual(
      await stack.introspection('client', 'list'),
    );
  });

  it.each(['0.0.0.0:0', '0'])(
    'serve no plain HTTP where they are published on %s',
    async (address) => {
      const start = stack.composeWith({ STS_ADDRESS: address }, 'run', '--rm', '--no-deps', 'sts');
      await expect(start).rejects.toThrow(
        `PUBLISHED_ADDRESS is ${address}, where plain HTTP would show secrets`,
      );
    },
  );

  it('have the variables of .env, and the file that STS_CONFIG_FILE names', async () => {
    const variables = {
      TRUSTED_ISSUERS: '[{"issuer": "a"}]',
      BODY_LIMIT: 'many',
      STS_CONFIG_FILE: '/app/package.json',
    };
    const start = stack.composeWith(variables, 'run', '--rm', '--no-deps', 'sts');
    await expect(start).rejects.toThrow(
      /TRUSTED_ISSUERS must .*BODY_LIMIT must .*"name" in \/app\/package\.json is not a variable/,
    );
  });

  it('need no shell and no other tool to serve and to be found healthy', async () => {
    expect(await stack.healthWithout('sts', ['/usr/bin', '/usr/sbin'])).toBe('healthy');
  });

  it('publish only on the loopback interface, and the database not at all', async () => {
    const published = async (service: string) =>
      Object.values((await stack.inspect(service)).NetworkSettings.Ports).flatMap((binding) =>
        (binding ?? []).map(({ HostIp }) => HostIp),
      );
    expect(await published('sts')).toEqual(['127.0.0.1']);
    expect(await published('resource-server')).toEqual(['127.0.0.1']);
    expect(await published('postgres')).toEqual([]);
  });

  it('give the API no way to the database', async () => {
    const script = `require('node:dns').lookup('postgres', (e) => console.log(e?.syscall ?? 'found'))`;
    expect(await stack.evaluate('sts', script)).toBe('found');
    expect(await stack.evaluate('resource-server', script)).toBe('getaddrinfo');
  });
});

describe('the image', () => {
  it('has no package for development in it', async () => {
    const packages = await inImage<string[]>(`
      const { globSync } = require('node:fs');
      const paths = globSync('node_modules/**/package.json');
      print(paths.map((path) => path.slice(0, -'/package.json'.length)))`);
    expect(packages).toEqual(expect.arrayContaining(['node_modules/fastify', 'node_modules/pg']));
    const lock = JSON.parse(await readFile(LOCK, 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const forbidden = Object.keys(lock.packages).filter((path) => lock.packages[path]!.dev);
    expect(forbidden).toEqual(expect.arrayContaining(['node_modules/typescript']));
    expect(packages.filter((path) => forbidden.includes(path))).toEqual([]);
  });

  it('has compiled modules alone: no sources, no tests, no demo', async () => {
    const entries = await inImage<string[]>(`print(require('node:fs').readdirSync('.'))`);
    expect(entries.sort()).toEqual(['dist', 'keys', 'node_modules', 'package.json', 'public-keys']);
    const compiled = await inImage<string[]>(`print(require('node:fs').readdirSync('dist'))`);
    expect(compiled.filter((name) => !name.endsWith('.tsbuildinfo')).sort()).toEqual([
      'app',
      'migrations',
      'src',
    ]);
  });

  it.each(['dist/src/cli/main.js', 'dist/app/cli/main.js'])(
    'has the command at %s',
    async (path) => {
      const { stdout } = await run('docker', ['run', '--rm', STS_IMAGE, 'node', path, '--help'], {
        cwd: '.',
      });
      expect(stdout).toMatch(/migrate[^]*client[^]*token/);
    },
  );

  it('has no configuration and no secret in its environment', async () => {
    const { stdout } = await run('docker', ['inspect', STS_IMAGE], { cwd: '.' });
    const [{ Config }] = JSON.parse(stdout) as [{ Config: { Env: string[] } }];
    expect(Config.Env.filter((line) => /^(DATABASE|PG|POSTGRES|JWKS|.*SECRET)/.test(line))).toEqual(
      [],
    );
  });
});

// Last, because it takes services away.
describe('while a service is away', () => {
  it('lets no token pass without the database, and recovers with it', async () => {
    const token = await issueToken(AUDIENCE);
    await stack.compose('stop', 'postgres');
    await stack.waitFor('sts', '/health/ready', 503);
    expect(await ask(sts, { method: 'GET', path: '/health/live' })).toMatchObject({ status: 200 });
    expect(await callApi(token)).toMatchObject({ status: 503 });
    await stack.compose('start', 'postgres');
    await stack.waitFor('sts', '/health/ready', 200);
    expect(await callApi(token)).toMatchObject({ status: 200 });
  });

  it('stops the server cleanly', async () => {
    await stack.compose('stop', 'sts');
    expect((await stack.inspect('sts')).State).toMatchObject({ Status: 'exited', ExitCode: 0 });
  });
});

interface Credentials {
  client_id: string;
  client_secret: string;
}

interface Issued {
  access_token: string;
}

async function issueToken(audience: string, format = 'opaque'): Promise<string> {
  const issue = ['token', 'issue', '--client', 'orders-app', '--sub', 'alice'];
  const issued = await stack.introspection<Issued>(
    ...issue,
    '--audience',
    audience,
    '--format',
    format,
  );
  return issued.access_token;
}

function callApi(token: string) {
  return ask(api, {
    method: 'GET',
    path: '/orders',
    headers: ['Authorization', `Bearer ${token}`],
  });
}

/** What the script prints in a container that has the image and nothing else. */
async function inImage<T>(script: string): Promise<T> {
  const print = 'const print = (value) => console.log(JSON.stringify(value));';
  const args = ['run', '--rm', '--network', 'none', STS_IMAGE, 'node', '-e', print + script];
  return JSON.parse((await run('docker', args, { cwd: '.' })).stdout) as T;
}
