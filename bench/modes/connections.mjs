import { dataset } from '../database/dataset.mjs';
import { tokenText } from '../fixtures.mjs';
import { expectAnswer } from '../load/ask.mjs';
import { loopLane } from '../lanes.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { ours } from '../targets/checkouts.mjs';
import { floor, nodeHttp } from '../targets/servers.mjs';
import { fixedLane, opaqueLane } from './opaque-lane.mjs';

const CONNECTIONS = [1, 16, 64, 256];

/** From one request at a time, where there is nothing to batch, to a crowd. */
export async function connections(bench) {
  const { tokens } = bench.options;
  const database = await dataset(bench, tokens);
  const server = await ours(bench, database);
  const answer = await expectAnswer(server, tokenText(0), 'access_token', { active: true });
  const least = await floor(bench, database);
  const unbatched = await nodeHttp(bench, answer, database);
  const query = 'one unbatched query through pg';
  const lanes = [];
  for (const count of CONNECTIONS) {
    const options = { name: nameOf(count), connections: count };
    lanes.push(await opaqueLane(bench, server, tokens, options));
  }
  const leastAlone = `${least.name}, ${nameOf(1)}`;
  lanes.push(await opaqueLane(bench, least, tokens, { name: leastAlone, connections: 1 }));
  const alone = `${unbatched.name}, ${nameOf(1)}`;
  lanes.push(await fixedLane(bench, unbatched, tokens, { name: alone, connections: 1 }));
  const env = { DATABASE_URL: database, TOKENS: String(tokens) };
  lanes.push(loopLane(bench, query, 'single-query.mjs', env));
  const samples = await runRounds(bench, 'Connections', lanes);
  return {
    title: 'Connections',
    samples,
    rows: [
      {
        what: "p50, one request at a time against the floor's (Fastify)",
        reached: ratio(samples, 'p50', nameOf(1), leastAlone),
        atMost: 1.15,
        aim: 1.05,
      },
      {
        what: 'the same against one unbatched query',
        reached: ratio(samples, 'p50', nameOf(1), query),
      },
      {
        what: 'the same against a bare node:http that makes that query',
        reached: ratio(samples, 'p50', nameOf(1), alone),
      },
    ],
  };
}

function nameOf(count) {
  return `${count} ${count === 1 ? 'connection' : 'connections'}`;
}
