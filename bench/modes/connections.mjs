import { dataset } from '../database/dataset.mjs';
import { tokenText } from '../fixtures.mjs';
import { expectAnswer, expectRightAnswers } from '../load/ask.mjs';
import { loopLane, serverLane } from '../lanes.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { nodeHttp, ours } from '../targets/servers.mjs';

const CONNECTIONS = [1, 16, 64, 256];

/** From one request at a time, where there is nothing to batch, to a crowd. */
export async function connections(bench) {
  const { tokens } = bench.options;
  const database = await dataset(bench, tokens);
  const server = await ours(bench, database);
  await expectRightAnswers(server, tokens);
  const draw = { hint: 'access_token', first: 0, count: tokens };
  const answer = await expectAnswer(server, tokenText(0), draw.hint, { active: true });
  const bare = await nodeHttp(bench, answer);

  const query = 'one unbatched query through pg';
  const bareAlone = 'bare node:http, 1 connection';
  const samples = await runRounds(bench, 'Connections', [
    ...CONNECTIONS.map((count) =>
      serverLane(bench, server, draw, {
        name: nameOf(count),
        connections: count,
        answerBytes: answer.bytes,
      }),
    ),
    serverLane(bench, bare, draw, { name: bareAlone, connections: 1 }),
    loopLane(bench, query, 'single-query.mjs', {
      DATABASE_URL: database,
      TOKENS: String(tokens),
    }),
  ]);
  return {
    title: 'Connections',
    samples,
    rows: [
      {
        what: 'p50, one request at a time against one unbatched query',
        reached: ratio(samples, 'p50', nameOf(1), query),
        atMost: 1.3,
      },
    ],
  };
}

function nameOf(count) {
  return `${count} ${count === 1 ? 'connection' : 'connections'}`;
}
