import { dataset } from '../database/dataset.mjs';
import { tokenText } from '../fixtures.mjs';
import { expectAnswer } from '../load/ask.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { OTHER, otherServer, ours } from '../targets/checkouts.mjs';
import {
  IN_MEMORY,
  floor,
  nestFastify,
  nodeHttp,
  oidcInMemory,
  oidcOnPostgres,
} from '../targets/servers.mjs';
import { fixedLane, opaqueLane } from './opaque-lane.mjs';

/** The main comparison: opaque tokens drawn at random from the whole table, against everybody. */
export async function opaque(bench) {
  const { tokens, against } = bench.options;
  const database = await dataset(bench, tokens);
  const own = await ours(bench, database);
  const answer = await expectAnswer(own, tokenText(0), 'access_token', { active: true });
  const least = await floor(bench, database);
  const leastOnNode = await floor(bench, database, { mode: 'raw' });
  const bare = await nodeHttp(bench, answer);
  const noOp = await nestFastify(bench, answer);
  const memory = await oidcInMemory(bench);
  const postgres = await oidcOnPostgres(bench, database);
  const other = against && (await otherServer(bench, database));

  const samples = await runRounds(bench, 'Opaque tokens', [
    await opaqueLane(bench, own, tokens),
    await opaqueLane(bench, least, tokens),
    await opaqueLane(bench, leastOnNode, tokens),
    await fixedLane(bench, bare, tokens),
    await fixedLane(bench, noOp, tokens),
    await opaqueLane(bench, memory, IN_MEMORY),
    await opaqueLane(bench, postgres, tokens),
    ...(other ? [await opaqueLane(bench, other, tokens)] : []),
  ]);

  const to = (server, field) => ratio(samples, field, own.name, server.name);
  const rows = [
    {
      what: 'CPU per request against the floor (Fastify)',
      reached: to(least, 'cpu'),
      atMost: 1.3,
      aim: 1.1,
    },
    { what: "p99 against the floor's (Fastify)", reached: to(least, 'p99'), atMost: 2, aim: 1.3 },
    {
      what: 'requests/s against a bare node:http',
      reached: to(bare, 'perSecond'),
      atLeast: 0.3,
      aim: 0.4,
    },
    {
      what: 'requests/s against oidc-provider, in memory',
      reached: to(memory, 'perSecond'),
      atLeast: 2.8,
      aim: 3.5,
    },
    {
      what: 'requests/s against oidc-provider, Postgres adapter',
      reached: to(postgres, 'perSecond'),
      atLeast: 4.2,
      aim: 5.5,
    },
    {
      what: 'CPU per request against a no-op Nest + Fastify route',
      reached: to(noOp, 'cpu'),
    },
  ];
  if (other) {
    rows.push({ what: `CPU per request against ${OTHER}`, reached: to(other, 'cpu') });
  }
  return { title: `Opaque tokens, drawn from ${tokens.toLocaleString('en')}`, samples, rows };
}
