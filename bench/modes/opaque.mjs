import { dataset } from '../database/dataset.mjs';
import { tokenText } from '../fixtures.mjs';
import { expectAnswer } from '../load/ask.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { ours } from '../targets/checkouts.mjs';
import {
  IN_MEMORY,
  nestFastify,
  nodeHttp,
  oidcInMemory,
  oidcOnPostgres,
} from '../targets/servers.mjs';
import { fixedLane, opaqueLane } from './opaque-lane.mjs';

/** The main comparison: opaque tokens drawn at random from the whole table, against everybody. */
export async function opaque(bench) {
  const { tokens } = bench.options;
  const database = await dataset(bench, tokens);
  const own = await ours(bench, database);
  const answer = await expectAnswer(own, tokenText(0), 'access_token', { active: true });
  const bare = await nodeHttp(bench, answer);
  const noOp = await nestFastify(bench, answer);
  const memory = await oidcInMemory(bench);
  const postgres = await oidcOnPostgres(bench, database);

  const samples = await runRounds(bench, 'Opaque tokens', [
    await opaqueLane(bench, own, tokens),
    await fixedLane(bench, bare, tokens),
    await fixedLane(bench, noOp, tokens),
    await opaqueLane(bench, memory, IN_MEMORY),
    await opaqueLane(bench, postgres, tokens),
  ]);

  const faster = (server) => ratio(samples, 'perSecond', own.name, server.name);
  return {
    title: `Opaque tokens, drawn from ${tokens.toLocaleString('en')}`,
    samples,
    rows: [
      {
        what: 'requests/s against a bare node:http',
        reached: faster(bare),
        atLeast: 0.4,
        aim: 0.5,
      },
      {
        what: 'requests/s against oidc-provider, in memory',
        reached: faster(memory),
        atLeast: 3.5,
        aim: 5,
      },
      {
        what: 'requests/s against oidc-provider, Postgres adapter',
        reached: faster(postgres),
        atLeast: 6,
        aim: 10,
      },
      {
        what: 'CPU per request against a no-op Nest + Fastify route',
        reached: ratio(samples, 'cpu', own.name, noOp.name),
        atMost: 2,
        aim: 1.5,
      },
    ],
  };
}
