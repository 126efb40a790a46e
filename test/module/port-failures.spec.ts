import { ForbiddenException, NotFoundException, UnauthorizedException } from '@nestjs/common';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AccessPolicy, ClientRepository, OpaqueTokenRepository } from '../../src/index.js';
import { WAYS, startHost } from '../support/host.js';
import { FORM, ask } from '../support/http.js';
import { expectError, startWorld } from '../support/world.js';

const failing = (exception: Error) => () => {
  throw exception;
};

/** Ports of a host that fail with an exception of Nest's, as their own callers may be used to. */
const PORTS: [string, { provide: symbol; useValue: object }][] = [
  [
    'clients',
    { provide: ClientRepository, useValue: { find: failing(new UnauthorizedException()) } },
  ],
  [
    'opaque tokens',
    {
      provide: OpaqueTokenRepository,
      useValue: { findByDigest: failing(new NotFoundException()) },
    },
  ],
  ['access', { provide: AccessPolicy, useValue: { allows: failing(new ForbiddenException()) } }],
];

describe.each(WAYS)(
  'A port that fails with an HTTP exception is a failure, on %s:',
  (_, door, options) => {
    it.each(PORTS)('%s', async (_port, provider) => {
      const world = await startWorld('fastify');
      onTestFinished(() => world.stop());
      const host = await startHost(door, {
        ...options,
        dataSource: world.dataSource,
        introspection: { providers: [provider] },
      });
      onTestFinished(() => host.close());
      const answer = await ask(host.origin, {
        headers: [...FORM, 'Authorization', world.authorization('rs')],
        body: `token=${await world.issue()}`,
      });
      expectError(answer, 503, 'temporarily_unavailable');
      expect(answer.headers['retry-after']).toBe('1');
    });
  },
);
