import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpaqueTokenEntity, tokenDigest } from '../../src/index.js';
import { DOORS } from '../support/host.js';
import { FORM } from '../support/http.js';
import { exchange } from '../support/raw-http.js';
import type { Answer, Question } from '../support/http.js';
import {
  expectActive,
  expectError,
  expectInactive,
  expectUnauthenticated,
  inAnHour,
  startWorld,
} from '../support/world.js';
import type { Case, World } from '../support/world.js';

type Row = Case<(answer: Answer) => unknown>;
const invalid = (answer: Answer) => expectError(answer, 400, 'invalid_request');
const refused = (status: number) => (answer: Answer) =>
  expectError(answer, status, 'invalid_request');
const unreadable = refused(415);

describe.each(DOORS)('A. Request and HTTP, on %s', (adapter) => {
  let world: World;
  let live: string;
  beforeAll(async () => {
    world = await startWorld(adapter);
    live = await world.issue();
  });
  afterAll(() => world.stop());

  /** Sends a body as `rs`, with LIVE standing for a live token. */
  const post = (body: string | Buffer, question: Question = {}, type: readonly string[] = FORM) =>
    world.send({
      ...question,
      headers: [...type, 'Authorization', world.authorization('rs'), ...(question.headers ?? [])],
      body: typeof body === 'string' ? body.replaceAll('LIVE', live) : body,
    });

  it('A1 a valid request → 200', async () => {
    expectActive(await post('token=LIVE'));
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('A2 %s → 405 with Allow: POST', async (method) => {
    for (const body of ['', 'token=LIVE']) {
      const answer = await post(body, { method });
      expectError(answer, 405, 'invalid_request');
      expect(answer.headers.allow).toBe('POST');
    }
  });

  it('A2 HEAD → 405 without a body', async () => {
    const answer = await world.send({ method: 'HEAD' });
    expect(answer.status).toBe(405);
    expect(answer.text).toBe('');
    expect(answer.headers.allow).toBe('POST');
  });

  it('A2 PUT with a body that no parser takes → 405 all the same', async () => {
    for (const type of ['application/json', 'application/xml', '~']) {
      expectError(
        await post('{', { method: 'PUT' }, ['Content-Type', type]),
        405,
        'invalid_request',
      );
    }
  });

  it.each([
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/x-www-form-urlencodedx',
    'application/x-www-form-urlencoded-not',
    'x/application/x-www-form-urlencoded',
    'application/octet-stream',
    '~',
    '',
  ])('A5 Content-Type: %s → 415', async (type) => {
    unreadable(await post('token=LIVE', {}, ['Content-Type', type]));
  });

  it('A5 a live token as JSON, multipart or text → 415', async () => {
    unreadable(await post('{"token":"LIVE"}', {}, ['Content-Type', 'application/json']));
    unreadable(await post('{"token":', {}, ['Content-Type', 'application/json']));
    const multipart =
      '--x\r\nContent-Disposition: form-data; name="token"\r\n\r\nLIVE\r\n--x--\r\n';
    unreadable(await post(multipart, {}, ['Content-Type', 'multipart/form-data; boundary=x']));
  });

  it('A5 no Content-Type → 415', async () => {
    unreadable(await post('token=LIVE', {}, []));
  });

  it('A5 a compressed form → 415', async () => {
    unreadable(await post('token=LIVE', { headers: ['Content-Encoding', 'gzip'] }));
  });

  it.each([
    'Application/X-WWW-Form-Urlencoded; Charset=utf-8',
    'application/x-www-form-urlencoded;charset=UTF-8',
    'application/x-www-form-urlencoded ; charset="utf-8"',
    'APPLICATION/X-WWW-FORM-URLENCODED',
  ])('A6 Content-Type: %s → 200', async (type) => {
    expectActive(await post('token=LIVE', {}, ['Content-Type', type]));
  });

  const rows: readonly Case<[body: string, expected: Row[2]]>[] = [
    ['A7', 'an empty form', ['', invalid]],
    ['A7', 'other parameters only', ['foo=bar&token_type_hint=access_token', invalid]],
    ['A7', 'the parameter in another case', ['Token=LIVE', invalid]],
    ['A8', 'token=', ['token=', invalid]],
    ['A8', 'token without =', ['token', invalid]],
    ['A8', 'an empty hint is as if absent', ['token=LIVE&token_type_hint=', expectActive]],
    ['A8', 'a hint without = is as if absent', ['token=LIVE&token_type_hint', expectActive]],
    ['A9', 'token twice, different', ['token=LIVE&token=b', invalid]],
    ['A9', 'token twice, the same', ['token=LIVE&token=LIVE', invalid]],
    ['A9', 'token twice, one of them encoded', ['token=LIVE&%74oken=LIVE', invalid]],
    ['A9', 'token twice, one of them empty', ['token=LIVE&token=', invalid]],
    [
      'A9',
      'the hint twice',
      ['token=LIVE&token_type_hint=access_token&token_type_hint=access_token', invalid],
    ],
    ['A10', 'unknown parameters', ['a=1&token=LIVE&b=2&resource=x', expectActive]],
    ['A10', 'unknown parameters, repeated and empty', ['a=1&a=2&&=&token=LIVE&b', expectActive]],
    [
      'A10',
      'unknown parameters with an inherited name',
      ['__proto__=x&constructor=y&token=LIVE', expectActive],
    ],
    ['A10', 'unknown parameters and an unknown token', ['a=1&token=b', expectInactive]],
    ['A10', 'a thousand unknown parameters', [`${'a=1&'.repeat(1000)}token=LIVE`, expectActive]],
    ['A15', 'a space before', ['token=%20LIVE', expectInactive]],
    ['A15', 'a plus before', ['token=+LIVE', expectInactive]],
    ['A15', 'a line feed after', ['token=LIVE%0A', expectInactive]],
    ['A15', 'a raw space after', ['token=LIVE ', expectInactive]],
    ['A15', 'a space alone', ['token=%20', expectInactive]],
    ['A15', 'a plus alone', ['token=+', expectInactive]],
    ['A15', 'bad percent-encoding', ['token=%zz&x=%', expectInactive]],
    ['A19', 'token[]', ['token[]=LIVE', invalid]],
    ['A19', 'token[x]', ['token[x]=LIVE', invalid]],
    ['A19', 'token[] encoded', ['token%5B%5D=LIVE', invalid]],
    ['A19', 'token[0]', ['token[0]=LIVE&token[1]=LIVE', invalid]],
    ['A19', 'token[__proto__]', ['token[__proto__][x]=LIVE', invalid]],
    ['A19', 'a hint that is a list', ['token=LIVE&token_type_hint[]=pct', expectActive]],
    ['A20', 'NUL', ['token=%00', expectInactive]],
    ['A20', 'NUL after a live token', ['token=LIVE%00', expectInactive]],
    [
      'A20',
      'NUL in the hint',
      ['token=LIVE&token_type_hint=%00', (a) => expectError(a, 400, 'unsupported_token_type')],
    ],
    ['A20', 'invalid UTF-8', ['token=%FF%FE%80', expectInactive]],
    ['A20', 'a truncated sequence', ['token=LIVE%C3', expectInactive]],
    ['A20', 'a lone surrogate', ['token=%ED%A0%80', expectInactive]],
    ['A20', 'an overlong sequence', ['token=%C0%80', expectInactive]],
    ['A20', 'emoji', ['token=%F0%9F%98%80', expectInactive]],
  ];
  it.each(rows)('%s %s', async (_id, _what, [body, expected]) => {
    expected(await post(body));
  });

  it('A15 "+" is a space and %2B is a plus', async () => {
    const store = (token: string) =>
      world.dataSource.manager.insert(OpaqueTokenEntity, {
        tokenHash: tokenDigest(token),
        clientId: 'app',
        exp: inAnHour(),
        sub: token,
      });
    await store('a+b');
    await store('c d');
    expect(expectActive(await post('token=a%2Bb'))['sub']).toBe('a+b');
    expectInactive(await post('token=a+b'));
    for (const spaced of ['c+d', 'c%20d', 'c d']) {
      expect(expectActive(await post(`token=${spaced}`))['sub']).toBe('c d');
    }
    expectInactive(await post('token=c%2Bd'));
  });

  it('A16 a body over the limit → 413', async () => {
    const tooLarge = refused(413);
    tooLarge(await post(`token=${'x'.repeat(64 * 1024)}`));
    tooLarge(await post(`token=LIVE&x=${'x'.repeat(200 * 1024)}`));
    tooLarge(await post('x'.repeat(70_000), {}, ['Content-Type', 'application/json']));
  });

  it('A16 a body in many pieces is read, in very many tiny ones → 413', async () => {
    const postChunks = (count: number) =>
      exchange(
        world.origin,
        `POST /introspect HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
          `Authorization: ${world.authorization('rs')}\r\nTransfer-Encoding: chunked\r\n` +
          `Content-Type: ${FORM[1]}\r\n\r\n` +
          `${(6 + live.length).toString(16)}\r\ntoken=${live}\r\n2\r\n&x\r\n` +
          '1\r\n=\r\n'.repeat(count) +
          '0\r\n\r\n',
        { patience: 20_000 },
      );
    const { statuses, bodies } = await postChunks(1000);
    expect(statuses).toEqual([200]);
    expect(bodies[0]).toContain('"active":true');
    expect((await postChunks(1100)).statuses).toEqual([413]);
  });

  it('A16 the limit itself is allowed, and a 60 kB token → IA', async () => {
    expectInactive(await post(`token=${'x'.repeat(60_000)}`));
    expectActive(await post(`token=LIVE&x=`.padEnd(64 * 1024 + 'LIVE'.length - live.length, 'x')));
  });

  it('A18 the query string is not read', async () => {
    invalid(await post('', { path: `/introspect?token=${live}` }));
    invalid(await post('', { path: `/introspect?token=${live}` }, []));
    expectInactive(await post('token=b', { path: `/introspect?token=${live}` }));
    expectActive(await post('token=LIVE', { path: '/introspect?token=b&token_type_hint=no' }));
  });

  it('A20 distinct byte sequences never collide', async () => {
    // U+FFFD is what a lenient decoder makes of all of them.
    await world.dataSource.manager.insert(OpaqueTokenEntity, {
      tokenHash: tokenDigest('\ufffd'),
      clientId: 'app',
      exp: inAnHour(),
    });
    expectActive(await post('token=%EF%BF%BD'));
    for (const other of ['%FF', '%FE', '%C3', '%ED%A0%80', '%80', '\ufffd%00']) {
      expectInactive(await post(`token=${other}`));
    }
    expectInactive(await post(Buffer.from('746f6b656e3dff', 'hex')));
    expectActive(await post(Buffer.from('746f6b656e3defbfbd', 'hex')));
  });

  it('A21 authentication is checked before parameters', async () => {
    for (const body of [
      '',
      'foo=bar',
      'token=a&token=b',
      'token=x&token_type_hint=refresh_token',
    ]) {
      expectUnauthenticated(await world.send({ headers: FORM, body }));
    }
    expectUnauthenticated(
      await world.send({ headers: ['Content-Type', 'application/json'], body: '{' }),
    );
  });
});
