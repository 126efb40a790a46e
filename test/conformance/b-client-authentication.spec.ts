import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientSecretEntity } from '../../src/index.js';
import { DOORS } from '../support/host.js';
import { FORM, basic, basicRaw, formEncode } from '../support/http.js';
import type { Answer } from '../support/http.js';
import { cheapScrypt } from '../support/scrypt.js';
import { expectActive, expectError, expectUnauthenticated, startWorld } from '../support/world.js';
import type { Case, World } from '../support/world.js';

describe.each(DOORS)('B. Caller authentication, on %s', (adapter) => {
  let world: World;
  let live: string;
  let secret: string;
  beforeAll(async () => {
    // More fails here than a caller may get wrong in a while; test/limits has the bounds.
    const limits = { failuresPerClient: 1000, failuresPerAddress: 1000 };
    world = await startWorld(adapter, { introspection: { limits } });
    live = await world.issue({ aud: [] });
    secret = world.secrets['rs']!;
  });
  afterAll(() => world.stop());

  const post = (authorization: readonly string[], body = 'token=LIVE', path = '/introspect') =>
    world.send({
      path,
      headers: [...FORM, ...authorization.flatMap((value) => ['Authorization', value])],
      body: body.replaceAll('LIVE', live),
    });
  /** A client with an imported secret, whose hash is as cheap as scrypt can be. */
  const create = async (clientId: string, chosen: string) => {
    await world.clients.create({ clientId });
    const hash = cheapScrypt(chosen);
    await world.dataSource.manager.insert(ClientSecretEntity, { clientId, hash });
  };

  it('B1 no credentials → U', async () => {
    expectUnauthenticated(await post([]));
    expectUnauthenticated(await post(['']));
  });

  it('B2 a client that may not introspect → 403', async () => {
    expectError(await post([world.authorization('mute')]), 403, 'unauthorized_client');
  });

  it('B4 wrong secret, unknown client and disabled client have one answer', async () => {
    const comparable = ({
      status,
      text,
      headers: { date: _, 'x-request-id': _id, ...headers },
    }: Answer) => JSON.stringify([status, text, headers]);
    const answers = [
      await post([basic('rs', 'wrong')]),
      await post([basic('nobody', secret)]),
      await post([world.authorization('disabled')]),
      await post([basic('disabled', 'wrong')]),
      await post([]),
    ];
    answers.forEach(expectUnauthenticated);
    expect(new Set(answers.map(comparable)).size).toBe(1);
  });

  it('B6 the challenge', async () => {
    const { headers } = await post([]);
    expect(headers['www-authenticate']).toBe('Basic realm="introspection", charset="UTF-8"');
  });

  it.each([
    'with:colon',
    ':first',
    'last:',
    '100%',
    '%41',
    '%zz',
    'a+b',
    'a b',
    ' a ',
    'pound£',
    '€uro',
    'q"\\\'',
    '=&?#/',
    '日本語',
  ])('B8 the secret %s, form-encoded and raw → 200', async (chosen) => {
    const clientId = `b8 ${chosen}`;
    await create(clientId, chosen);
    expectActive(await post([basic(clientId, chosen)]));
    if (clientId.includes(':')) return;
    expectActive(await post([basicRaw(`${clientId}:${chosen}`)]));
    expectActive(await post([basicRaw(`${formEncode(clientId)}:${formEncode(chosen)}`)]));
  });

  it('B8 the credentials are split at the first colon', async () => {
    await create('split', 'b:c');
    expectActive(await post([basicRaw('split:b:c')]));
    expectUnauthenticated(await post([basicRaw('split%3Ab:c')]));
  });

  it('B9 client ids with a colon work when encoded', async () => {
    await create('https://rs', 'colon-secret');
    expectActive(await post([basicRaw('https%3A%2F%2Frs:colon-secret')]));
    expectUnauthenticated(await post([basicRaw('https://rs:colon-secret')]));
  });

  it.each([
    'rs%00:SECRET',
    'rs:SECRET%00',
    'rs\0:SECRET',
    'rs:SECRET\0',
    'rs%0A:SECRET',
    'rs:SECRET%0A',
    'rs\n:SECRET',
    'rs:SECRET\n',
    '%00:%00',
    'rs%7F:SECRET',
  ])('B10 control characters in %j → U', async (userPass) => {
    expectUnauthenticated(await post([basicRaw(userPass.replace('SECRET', secret))]));
  });

  it.each(['basic', 'BASIC', 'bAsIc', 'Basic '])('B11 the scheme %j → 200', async (scheme) => {
    expectActive(await post([basic('rs', secret).replace('Basic', scheme)]));
  });

  it.each([
    ['no colon', basicRaw('rs')],
    ['nothing', basicRaw('')],
    ['a colon alone', basicRaw(':')],
    ['no id', basicRaw(':x')],
    ['no secret', basicRaw('rs:')],
    ['not base64', 'Basic !!dGVz*dA=='],
    ['base64url', `Basic ${Buffer.from('rs:\xff\xfe\xfb').toString('base64url')}`],
    ['a scheme alone', 'Basic'],
    ['a scheme and a space', 'Basic '],
    ['credentials alone', 'cnM6eA=='],
    ['bad percent-encoding', basicRaw('rs:%zz')],
    ['not UTF-8', basicRaw(Buffer.from([0x72, 0x73, 0x3a, 0xff]))],
    ['Latin-1', basicRaw(Buffer.from('rs:pound£', 'latin1'))],
  ])('B12 %s → U', async (_what, authorization) => {
    expectUnauthenticated(await post([authorization]));
  });

  it.each([
    'RIGHTx',
    'RIGHT=',
    'RIGHT==',
    'RIGHT x',
    'RIGHT!',
    'xRIGHT',
    'RIGHT, realm="x"',
    'RIGHT;',
  ])('B12 garbage about the right credentials: %s → U', async (form) => {
    const right = Buffer.from(`rs:${secret}`).toString('base64');
    expectUnauthenticated(await post([`Basic ${form.replace('RIGHT', right)}`]));
  });

  it('B12 base64 without its padding, or with other bits under it → U', async () => {
    await create('padded', 'a');
    const padded = Buffer.from('padded:a').toString('base64');
    expect(padded).toBe('cGFkZGVkOmE=');
    expectActive(await post([`Basic ${padded}`]));
    expectUnauthenticated(await post(['Basic cGFkZGVkOmE']));
    expectUnauthenticated(await post(['Basic cGFkZGVkOmF=']));
  });

  it('B14 credentials in the query string are as if absent', async () => {
    const query = `client_id=rs&client_secret=${secret}`;
    expectUnauthenticated(await post([], 'token=LIVE', `/introspect?${query}`));
    expectActive(
      await post(
        [world.authorization('rs')],
        'token=LIVE',
        '/introspect?client_id=x&client_secret=y',
      ),
    );
  });

  it('B14 credentials in the body alone → U', async () => {
    expectUnauthenticated(await post([], `token=LIVE&client_id=rs&client_secret=${secret}`));
  });

  const second: readonly Case<[string, (answer: Answer) => unknown]>[] = [
    [
      'B15',
      'a secret too',
      ['client_id=rs&client_secret=SECRET', (a) => expectError(a, 400, 'invalid_request')],
    ],
    ['B15', 'a secret alone', ['client_secret=x', (a) => expectError(a, 400, 'invalid_request')]],
    ['B15', 'an assertion', ['client_assertion=x', (a) => expectError(a, 400, 'invalid_request')]],
    ['B15', 'another client_id', ['client_id=app', (a) => expectError(a, 400, 'invalid_request')]],
    [
      'B15',
      'client_id twice',
      ['client_id=rs&client_id=rs', (a) => expectError(a, 400, 'invalid_request')],
    ],
    ['B15', 'an equal client_id', ['client_id=rs', expectActive]],
    ['B15', 'an empty client_id', ['client_id=', expectActive]],
  ];
  it.each(second)('%s Basic, and in the body %s', async (_id, _what, [body, expected]) => {
    const full = `token=LIVE&${body.replace('SECRET', secret)}`;
    expected(await post([world.authorization('rs')], full));
    expectUnauthenticated(await post([basic('rs', 'wrong')], full));
  });

  it.each([
    'Digest x',
    'Bearer x',
    'XBasicX RIGHT',
    'Basicx RIGHT',
    'xBasic RIGHT',
    'Basic:RIGHT',
    'Basic\tRIGHT',
  ])('B17 %s → U', async (form) => {
    const right = Buffer.from(`rs:${secret}`).toString('base64');
    expectUnauthenticated(await post([form.replace('RIGHT', right)]));
  });

  it('B18 two Authorization headers, in both orders, or joined → U', async () => {
    const right = world.authorization('rs');
    expectUnauthenticated(await post([right, basic('rs', 'wrong')]));
    expectUnauthenticated(await post([basic('rs', 'wrong'), right]));
    expectUnauthenticated(await post([right, right]));
    expectUnauthenticated(await post([right, 'Bearer x']));
    expectUnauthenticated(await post([`${right}, ${right}`]));
    expectUnauthenticated(await post([`${right},${basic('rs', 'wrong')}`]));
  });

  it('B19 a prefix, a longer secret and text after a colon are refused', async () => {
    await create('short', 'a');
    expectActive(await post([basic('short', 'a')]));
    for (const wrong of ['a:anything', 'aa', 'a ', 'A', '']) {
      expectUnauthenticated(await post([basicRaw(`short:${wrong}`)]));
    }
    for (const wrong of [secret.slice(0, -1), `${secret}x`, `${secret}:x`, secret.slice(1)]) {
      expectUnauthenticated(await post([basicRaw(`rs:${wrong}`)]));
    }
  });

  it('B19 the stored hash is not a secret', async () => {
    const [{ hash }] = await world.dataSource.query<[{ hash: string }]>(
      "SELECT hash FROM client_secret WHERE client_id = 'rs'",
    );
    expectUnauthenticated(await post([basic('rs', hash)]));
    expectUnauthenticated(await post([basic('rs', hash.replace('$sha256$', ''))]));
  });

  it('S7 requests at the same time are each answered for their own client', async () => {
    const own = await world.issue({ aud: [], clientId: 'app' });
    const restricted = await world.issue({ aud: ['https://elsewhere.example'] });
    const ask = (authorization: string, token: string) => post([authorization], `token=${token}`);
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, at) => {
        if (at % 4 === 0) return ask(world.authorization('rs'), own);
        if (at % 4 === 1) return ask(basic('rs', 'wrong'), own);
        if (at % 4 === 2) return ask(world.authorization('rs'), restricted);
        return ask(world.authorization('outsider'), restricted);
      }),
    );
    answers.forEach((answer, at) => {
      if (at % 4 === 1) expectUnauthenticated(answer);
      else expect(answer.json['active'], `request ${at}: ${answer.text}`).toBe(at % 4 !== 2);
    });
  });
});
