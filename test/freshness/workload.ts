import { AUDIENCE } from '../support/world.js';
import { revokeJwt } from './cluster.js';
import type { Cluster, Desk } from './cluster.js';
import type { History, Question } from './history.js';
import { inLanes, race } from './race.js';

/** How many of each are written to. */
export interface Load {
  readonly opaqueTokens: number;
  readonly jwts: number;
  /** Clients with tokens, which are disabled and enabled again. */
  readonly owners: number;
  /** Clients that introspect, whose secrets are rotated. */
  readonly callers: number;
  /** How often that is done to each client. */
  readonly rounds: number;
}

/** Reads and writes on both servers at once, and puts it all down in the history. */
export async function work(cluster: Cluster, history: History, load: Load): Promise<void> {
  const { stall } = cluster;
  await cluster.register('app');
  const callers = ['rs-0', 'rs-1', 'rs-2'];
  const secrets = await Promise.all(callers.map((caller) => cluster.register(caller, [AUDIENCE])));
  /** The clients that nothing is done to take turns. */
  const steady = (turn: number) => {
    const at = turn % callers.length;
    return { owner: 'app', caller: callers[at]!, secret: secrets[at]! };
  };
  const ask = (server: number, question: Question) =>
    history.call(question, () => cluster.introspect(server, question));

  const raceOnToken = (token: string, revoke: () => Promise<unknown>) =>
    race({
      ask: (reader, turn) => ask(reader, { ...steady(reader + turn), token }),
      write: () => history.write({ kind: 'revoke', token }, revoke),
      stall,
    });

  async function revokeOpaque({ tokens }: Desk) {
    const token = await cluster.issueOpaque('app');
    await raceOnToken(token, () => tokens.revoke(token));
  }

  async function revokeJsonWebToken(desk: Desk, n: number) {
    // It is revoked by its name, or by its digest where it has none.
    const name = n % 2 ? { jti: `jti-${n}` } : {};
    const token = await cluster.issueJwt('app', { sub: `user-${n}`, ...name });
    await raceOnToken(token, () => revokeJwt(desk, token));
  }

  async function switchOwner({ clients }: Desk, n: number) {
    const owner = `owner-${n}`;
    const itself = { caller: owner, secret: await cluster.register(owner) };
    const tokens = [
      await cluster.issueOpaque(owner),
      await cluster.issueJwt(owner, { sub: owner }),
    ];
    for (let round = 0; round < load.rounds; round++) {
      for (const kind of ['disable', 'enable'] as const) {
        const set = () => clients.setEnabled(owner, kind === 'enable');
        await race({
          ask: (reader, turn) => {
            // Two readers, one at each server, ask for the same.
            const pair = Math.floor(reader / 2);
            const by = (pair + turn) % 2 ? itself : steady(reader);
            const token = tokens[pair % 2]!;
            return ask(reader, { ...by, owner, token });
          },
          write: () => history.write({ kind, client: owner }, set),
          stall,
        });
      }
    }
  }

  async function rotateCaller({ clients }: Desk, n: number) {
    const caller = `caller-${n}`;
    const token = await cluster.issueOpaque('app');
    let secret = await cluster.register(caller, [AUDIENCE]);
    for (let round = 0; round < load.rounds; round++) {
      const old = secret;
      const rotate = () => clients.rotateSecret(caller);
      await race({
        // Two of three go on with the old one when there is another.
        ask: (reader) =>
          ask(reader, { token, owner: 'app', caller, secret: reader % 3 ? old : secret }),
        write: async () => {
          secret = (await history.write({ kind: 'rotate', retires: old }, rotate)).clientSecret;
        },
        stall,
      });
    }
  }

  const each = (count: number, job: (desk: Desk, n: number) => Promise<void>) =>
    Array.from({ length: count }, (_, n) => {
      const desk = cluster.desks[n % cluster.desks.length]!;
      return { at: n / count, run: () => job(desk, n) };
    });
  const jobs = [
    ...each(load.opaqueTokens, revokeOpaque),
    ...each(load.jwts, revokeJsonWebToken),
    ...each(load.owners, switchOwner),
    ...each(load.callers, rotateCaller),
  ];
  // Evenly mixed.
  await inLanes(jobs.sort((a, b) => a.at - b.at).map(({ run }) => run));
}
