import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { PROFILES } from './reference.js';
import type { Expected, Name, Reference, Token } from './reference.js';
import type { Server } from './server.js';

type Step = fc.AsyncCommand<Reference, Server, boolean>;

/** How often each answer was expected, and each operation done. */
export const counts = new Map<string, number>();

const names = Object.keys(PROFILES) as Name[];
const name = fc.constantFrom(...names);
const audiences = fc.subarray(['https://api.example', 'https://other.example']);
/** Seconds from now, the edges among them; absent: the token has no such time. */
const ahead = fc.constantFrom(undefined, -5, 0, 1, 1, 5, 60, 3600, 3600);
const since = fc.constantFrom(undefined, undefined, -60, -1, 0, 1, 5);

function step(
  what: string,
  check: (model: Readonly<Reference>) => boolean,
  run: (model: Reference, server: Server) => Promise<void>,
): Step {
  const counted = async (model: Reference, server: Server) => {
    count(what.split(' ')[0]!);
    await run(model, server);
  };
  return { check, run: counted, toString: () => what };
}

const isThere = (client: Name) => (model: Readonly<Reference>) => model.clients.has(client);

const register = name.map((client) =>
  step(
    `register ${client}`,
    (model) => !model.clients.has(client),
    async (model, server) => model.register(client, await server.register(client)),
  ),
);

const rotate = fc
  .tuple(name, fc.constantFrom(0, 0, 1, 5, 60))
  .map(([client, keepOld]) =>
    step(
      `rotate ${client}, keeping the old for ${keepOld} s`,
      isThere(client),
      async (model, server) => model.rotate(client, await server.rotate(client, keepOld), keepOld),
    ),
  );

const enable = fc.tuple(name, fc.constantFrom(true, true, false)).map(([client, enabled]) =>
  step(`${enabled ? 'enable' : 'disable'} ${client}`, isThere(client), async (model, server) => {
    await server.setEnabled(client, enabled);
    model.clients.get(client)!.enabled = enabled;
  }),
);

const remove = name.map((client) =>
  step(`delete ${client}`, isThere(client), async (model, server) => {
    await server.delete(client);
    model.delete(client);
  }),
);

const pass = fc.constantFrom(1, 500, 1000, 1000, 4000, 30_000, 3_600_000).map((milliseconds) =>
  step(`pass ${milliseconds} ms`, always, async (model, server) => {
    model.now += milliseconds;
    server.setClock(model.now);
  }),
);

const purge = fc.constant(step('purge', always, (_model, server) => server.purge()));

const issueOpaque = fc.record({ client: name, aud: audiences, ahead, since }).map((drawn) =>
  step(`issue-opaque ${show(drawn)}`, isThere(drawn.client), async (model, server) => {
    const sub = randomUUID();
    const times = timesFrom(model.now, drawn, 0);
    const text = await server.issueOpaque(drawn.client, { aud: drawn.aud, sub, ...times });
    const { client, aud } = drawn;
    const token = { ...fresh, kind: 'opaque' as const, text, client, aud, ...times };
    model.tokens.push({ ...token, members: { sub } });
  }),
);

const issueJwt = fc
  .record({
    kind: fc.constantFrom('jwt' as const, 'trusted jwt' as const),
    client: fc.option(name, { nil: undefined, freq: 8 }),
    aud: audiences,
    ahead,
    since,
    named: fc.boolean(),
    dated: fc.constantFrom(true, true, false),
    fraction: fc.constantFrom(0, 0.5),
  })
  .map((drawn) =>
    step(`issue-jwt ${show(drawn)}`, always, async (model, server) => {
      const { kind, client, aud, named, dated, fraction } = drawn;
      const iat = dated ? Math.floor(model.now / 1000) : undefined;
      // One without jti is revoked by its digest, so each is made different from all others.
      const members = { sub: randomUUID(), ...(named ? { jti: randomUUID() } : {}) };
      const text = await server.issueJwt(kind, client, {
        ...members,
        ...(aud.length > 0 ? { aud } : {}),
        ...(iat === undefined ? {} : { iat }),
        ...timesFrom(model.now, drawn, fraction),
      });
      // F9: fractions shorten its life.
      const { exp, nbf } = timesFrom(model.now, drawn, 0);
      const later = nbf === undefined ? undefined : Math.ceil(nbf + fraction);
      model.tokens.push({ ...fresh, kind, text, client, aud, iat, exp, nbf: later, members });
    }),
  );

const revoke = fc.nat().map((at) =>
  step(`revoke token ${at}`, hasTokens, async (model, server) => {
    const token = pick(model.tokens, at)!;
    await server.revoke(token);
    token.revoked = true;
  }),
);

const ask = fc
  .record({
    caller: fc.constantFrom(...names, 'api' as const, 'auditor' as const),
    secret: fc.constantFrom(
      ...Array<string>(9).fill('right'),
      'older',
      'oldest',
      'wrong',
      'another’s',
    ),
    hint: fc.constantFrom(
      undefined,
      undefined,
      'access_token',
      'pct',
      'pct',
      'refresh_token',
      'id_token',
    ),
    about: fc.option(fc.nat(), { freq: 12 }),
  })
  .map(({ caller, secret, hint, about }) =>
    step(`ask ${show({ caller, secret, hint, about })}`, always, async (model, server) => {
      const token = about === null ? undefined : pick(model.tokens, about);
      const question = { caller, secret: presented(model, caller, secret), hint, token };
      const expected = model.answer(question);
      count(`answer: ${nameOf(expected)}`);
      await server.expectAnswer(question, expected);
    }),
  );

/** What is there more than once is drawn more often. */
const OPERATIONS = [
  register,
  register,
  rotate,
  rotate,
  enable,
  enable,
  remove,
  pass,
  pass,
  purge,
  issueOpaque,
  issueOpaque,
  issueJwt,
  issueJwt,
  revoke,
];

/** Sequences of up to sixty operations, half of them questions. */
export const sequences = fc.commands<Reference, Server, boolean>(
  [...OPERATIONS, ...Array<typeof ask>(OPERATIONS.length).fill(ask)],
  { maxCommands: 60, size: 'max' },
);

const fresh = { revoked: false, deleted: false };

function timesFrom(
  now: number,
  drawn: { ahead: number | undefined; since: number | undefined },
  fraction: number,
) {
  const second = Math.floor(now / 1000);
  const at = (offset: number | undefined) =>
    offset === undefined ? undefined : second + offset + fraction;
  return { exp: at(drawn.ahead), nbf: at(drawn.since) };
}

function presented(model: Reference, caller: Name, which: string): string {
  const own = model.issuedSecrets.get(caller) ?? [];
  if (which === 'right') return own.at(-1) ?? 'never-issued';
  if (which === 'older') return own.at(-2) ?? 'never-issued';
  if (which === 'oldest') return own.at(-3) ?? 'never-issued';
  if (which === 'wrong') return `${own.at(-1) ?? ''}x`;
  const others = names.filter((other) => other !== caller);
  return others.flatMap((other) => model.issuedSecrets.get(other) ?? []).at(-1) ?? 'never-issued';
}

function nameOf(expected: Expected): string {
  if ('error' in expected) return `${expected.status} ${expected.error}`;
  return 'inactive' in expected ? `inactive, ${expected.inactive}` : 'active';
}

function pick(tokens: Token[], at: number): Token | undefined {
  return tokens[at % tokens.length];
}

function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function show(drawn: object): string {
  return JSON.stringify(drawn);
}

function always(): boolean {
  return true;
}

function hasTokens(model: Readonly<Reference>): boolean {
  return model.tokens.length > 0;
}
