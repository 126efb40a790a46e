import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TokenTypeHint } from '../../src/index.js';
import type { IntrospectionStrategy } from '../../src/index.js';
import { DOORS } from '../support/host.js';
import { observed } from '../support/observed.js';
import { exchange } from '../support/raw-http.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

/** The tokens that somebody has begun to look up. */
const begun: string[] = [];

@Injectable()
@TokenTypeHint('urn:example:witness')
class Witness implements IntrospectionStrategy {
  begin(token: string) {
    begun.push(token);
    return () => this.find();
  }
  async find(): Promise<undefined> {}
}

const CLOSE = 'Connection: close';
const KEEP = 'Connection: keep-alive';
const CHUNKED = 'Transfer-Encoding: chunked';

/** As many headers as Node shows; unless told otherwise it drops what comes after them. */
const THOUSAND = Array.from({ length: 1030 }, () => 'a:');

describe.each(DOORS)('A. Requests as bytes, on %s', (door) => {
  const observer = observed();
  let world: World;
  beforeAll(async () => {
    world = await startWorld(door, {
      module: { providers: [Witness] },
      introspection: { bodyLimit: 200, providers: observer.providers },
    });
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    begun.length = 0;
    observer.decisions.length = 0;
  });

  const headOf = (start: string, headers: readonly string[]) =>
    [
      start,
      'Host: sts.example.com',
      `Authorization: ${world.authorization('rs')}`,
      'Content-Type: application/x-www-form-urlencoded',
      ...headers,
      '\r\n',
    ].join('\r\n');

  /** Asks about a token; `padding` lengthens the body. */
  const plain = (
    token: string,
    headers: readonly string[] = [],
    { start = 'POST /introspect HTTP/1.1', padding = 0 } = {},
  ) => {
    const body = `token=${token}&token_type_hint=urn:example:witness${'&'.repeat(padding)}`;
    return headOf(start, [...headers, `Content-Length: ${body.length}`]) + body;
  };

  /** The same in one chunk. */
  const chunked = (
    token: string,
    headers: readonly string[],
    start = 'POST /introspect HTTP/1.0',
  ) => {
    const body = `token=${token}&token_type_hint=urn:example:witness`;
    return `${headOf(start, [...headers, CHUNKED])}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  };

  const next = () => plain('next', [CLOSE]);

  it.each<[what: string, bytes: () => string, statuses: number[], asked: string[]]>([
    ['kept alive', () => chunked('a', [KEEP]), [200], ['a']],
    ['that is not kept alive', () => chunked('a', []), [400], ['a']],
    ['that expects 100', () => chunked('a', [KEEP, 'Expect: 100-continue']), [200], ['a']],
    ['GET', () => chunked('a', [KEEP], 'GET /introspect HTTP/1.0'), [405], []],
    [
      'without credentials',
      () => chunked('a', [KEEP]).replace(/Authorization.*\r\n/, ''),
      [401],
      [],
    ],
    ['behind a right one', () => plain('a') + chunked('b', [KEEP]), [200, 200], ['a', 'b']],

    ['behind a thousand headers', () => chunked('a', [KEEP, ...THOUSAND]), [431], []],
    ['with a length, too', () => chunked('a', [KEEP, 'Content-Length: 4']), [400], []],
  ])('A22 HTTP/1.0 with Transfer-Encoding, %s, is the last', async (_, bytes, statuses, asked) => {
    const one = await exchange(world.origin, bytes() + next(), { patience: 20_000 });
    expect(one).toMatchObject({ statuses, endedBy: 'server' });
    expect(begun).toEqual(asked);
    // Another one is answered after it, and what was behind has left no event.
    await world.introspect('other');
    expect(observer.decisions.length).toBeLessThanOrEqual(asked.length + 1);
  });

  it.each<[what: string, bytes: () => string, statuses: number[], asked: string[]]>([
    ['too large', () => plain('a', [], { padding: 200 }), [413], []],
    [
      'in too large chunks',
      () => chunked('a'.repeat(200), [], 'POST /introspect HTTP/1.1'),
      [413],
      [],
    ],
    ['that closes', () => plain('a', [CLOSE]), [400], ['a']],
    ['HTTP/1.0', () => plain('a', [], { start: 'POST /introspect HTTP/1.0' }), [400], ['a']],
  ])('A22 nothing behind a request is read: %s', async (_, bytes, statuses, asked) => {
    const one = await exchange(world.origin, bytes() + next(), { patience: 20_000 });
    expect(one).toMatchObject({ statuses, endedBy: 'server' });
    expect(begun).toEqual(asked);
  });

  it('B18 two Authorization headers with a thousand others between → 431', async () => {
    const bytes = plain('a', [...THOUSAND, 'Authorization: Basic eDp5', CLOSE]);
    const one = await exchange(world.origin, bytes, { patience: 20_000 });
    expect(one.statuses).toEqual([431]);
    expect(begun).toEqual([]);
  });

  it.each<[what: string, bytes: () => string, statuses: number[]]>([
    ['HTTP/1.1', () => plain('a'), [200, 200]],
    ['HTTP/1.1 in chunks', () => chunked('a', [], 'POST /introspect HTTP/1.1'), [200, 200]],
    [
      'HTTP/1.0, kept alive',
      () => plain('a', [KEEP], { start: 'POST /introspect HTTP/1.0' }),
      [200, 200],
    ],
    ['Expect: 100-continue', () => plain('a', ['Expect: 100-continue']), [100, 200, 200]],
  ])('A22 what is behind a whole request is answered: %s', async (_, bytes, statuses) => {
    const one = await exchange(world.origin, bytes() + next(), { patience: 20_000 });
    expect(one).toMatchObject({ statuses, endedBy: 'server' });
    expect(begun).toEqual(['a', 'next']);
  });

  it('A22 an upgrade is not made: what comes with the request is dropped, what comes later is answered', async () => {
    const bytes = plain('a', ['Connection: Upgrade', 'Upgrade: h2c']) + plain('dropped');
    const one = await exchange(world.origin, bytes, { patience: 20_000, afterAnswer: next() });
    expect(one).toMatchObject({ statuses: [200, 200], endedBy: 'server' });
    expect(begun).toEqual(['a', 'next']);
  });

  it.each<
    [target: string, method: string, status: number, onFastify?: number, onFastify5_11?: number]
  >([
    ['http://sts.example.com/introspect', 'POST', 200],
    ['https://sts.example.com:8443/introspect', 'POST', 200],
    ['http://other.example/introspect?token=b', 'POST', 200],
    ['HTTP://STS.EXAMPLE.COM/introspect', 'POST', 200, 200, 404],
    ['http://sts.example.com/introspect', 'GET', 405],
    ['http://sts.example.com/introspect', 'PUT', 405],
    ['/introspect#a', 'POST', 200],
    ['/introspect#', 'POST', 200],
    ['/introspect?a#b', 'POST', 200],
    ['http://sts.example.com/introspect#a?b', 'POST', 200, 400],
    ['http://sts.example.com/', 'POST', 404],
    ['http://sts.example.com', 'POST', 404],
    ['//sts.example.com/introspect', 'POST', 404],
    ['/introspect/more#a', 'POST', 404],
    ['http://[/introspect', 'POST', 404, 400],
    ['http://', 'POST', 404, 400],
    ['*', 'OPTIONS', 404],
  ])(
    'A23 %s as the target of a %s → %i',
    async (target, method, onExpress, onFastify = onExpress, onFastify5_11 = onExpress) => {
      const { version } = world.app.getHttpAdapter().getInstance() as { version?: string };
      const status = { express: onExpress, fastify: onFastify, old: onFastify5_11 }[
        version === undefined ? 'express' : version < '5.12' ? 'old' : 'fastify'
      ];
      const live = await world.issue();
      const bytes = plain(live, [CLOSE], { start: `${method} ${target} HTTP/1.1` });
      const { statuses, bodies } = await exchange(world.origin, bytes, { patience: 20_000 });
      expect(statuses).toEqual([status]);
      if (status === 200) expect(bodies[0]).toContain('"active":true');
    },
  );

  it('A23 the absolute form obeys the limit on the body', async () => {
    const bytes = plain('a', [], { start: 'POST http://x/introspect HTTP/1.1', padding: 200 });
    expect((await exchange(world.origin, bytes, { patience: 20_000 })).statuses).toEqual([413]);
  });
});
