import { createRequire } from 'node:module';
import { Logger as NestLogger } from '@nestjs/common';
import type { ModuleMetadata } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MockInstance } from 'vitest';
import type { Params } from 'nestjs-pino';
import { PINO_WARNING } from '../../src/http/neighbours/pino-log.js';
import { ADAPTERS, startHost } from '../support/host.js';
import { ask } from '../support/http.js';
import type { Question } from '../support/http.js';
import { expectActive, startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

/** nestjs-pino keeps one logger for the process, so that each host needs the package anew. */
function freshNestjsPino(): typeof import('nestjs-pino') {
  const require = createRequire(import.meta.url);
  for (const file of Object.keys(require.cache)) {
    if (file.includes('/nestjs-pino/')) delete require.cache[file];
  }
  return require('nestjs-pino') as typeof import('nestjs-pino');
}

type Options = Omit<Params, 'pinoHttp'> & { pinoHttp?: Record<string, unknown> };

/** By what they do, the parameters with which no secret comes into the log. */
const SAFE: Record<string, Options> = {
  'the recipe': { pinoHttp: { redact: ['req.headers.authorization'] } },
  'all headers removed': { pinoHttp: { redact: { paths: ['req.headers'], remove: true } } },
  'a wildcard': { pinoHttp: { redact: ['req.headers["*"]'] } },
  'a serializer without headers': {
    pinoHttp: {
      serializers: { req: ({ method, url }: { method: string; url: string }) => ({ method, url }) },
    },
  },
  'another name of the request': {
    pinoHttp: { customAttributeKeys: { req: 'r' }, redact: ['r.headers.authorization'] },
  },
  'the endpoint excluded': { exclude: ['/introspect'] },
  'the request in no line': { pinoHttp: { quietReqLogger: true, quietResLogger: true } },
  'other routes alone': { forRoutes: ['hello'] },
  silence: { pinoHttp: { level: 'silent' } },
};

/** And those with which they do. */
const UNSAFE: Record<string, Options> = {
  'no parameters': {},
  'the redaction of another header': { pinoHttp: { redact: ['req.headers.cookie'] } },
  'the redaction of another name': {
    pinoHttp: { customAttributeKeys: { req: 'r' }, redact: ['req.headers.authorization'] },
  },
  'another path excluded': { exclude: ['/health'] },
};

describe.each(ADAPTERS)('In a host with nestjs-pino, on %s,', (adapter) => {
  let world: World;
  let question: Question;
  beforeAll(async () => {
    world = await startWorld(adapter);
    question = await world.question();
  });
  afterAll(() => world.stop());

  /** What Nest's logger was told to warn of, also where the host's writes nothing. */
  let warned: MockInstance<NestLogger['warn']>;
  beforeEach(() => void (warned = vi.spyOn(NestLogger.prototype, 'warn')));
  afterEach(() => warned.mockRestore());

  /** Asks a host with these parameters. @returns all that it has logged */
  const logOf = async ({ pinoHttp = {}, ...params }: Options) => {
    const { LoggerModule, Logger } = freshNestjsPino();
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const logger = LoggerModule.forRoot({
      // The pattern that is the default of nestjs-pino matches nothing on this release of Nest's Fastify.
      forRoutes: ['*path'],
      ...params,
      pinoHttp: [{ level: 'debug', ...pinoHttp }, stream],
    });
    const module: ModuleMetadata = { imports: [logger] };
    const host = await startHost(adapter, {
      dataSource: world.dataSource,
      module,
      configure: (app) => app.useLogger(app.get(Logger)),
    });
    const answer = await ask(host.origin, question);
    // The last line is written when the answer is, and a caller may have it before.
    await host.close();
    expectActive(answer);
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const secretOf = () => world.authorization('rs').slice('Basic '.length);

  it.each(Object.entries(SAFE))(
    'with %s no secret is logged, and none is warned of',
    async (name, options) => {
      const log = await logOf(options);
      expect(JSON.stringify(log)).not.toContain(secretOf());
      expect(warned).not.toHaveBeenCalled();
      if (name !== 'silence') expect(log.map(({ context }) => context)).toContain('Introspection');
    },
  );

  it.each(Object.entries(UNSAFE))(
    'with %s the start warns of the secrets in the log',
    async (_, options) => {
      const log = await logOf(options);
      expect(warned.mock.calls).toEqual([[PINO_WARNING]]);
      expect(log.map(({ msg }) => msg)).toContain(PINO_WARNING);
      expect(JSON.stringify(log)).toContain(secretOf());
    },
  );

  it('an event has its members beside the request’s', async () => {
    const log = await logOf(SAFE['the recipe']!);
    const line = log.find(({ context }) => context === 'Introspection');
    expect(line).toMatchObject({ active: true, callerId: 'rs', clientId: 'app' });
  });
});
