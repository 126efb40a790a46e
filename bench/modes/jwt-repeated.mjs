import { dataset } from '../database/dataset.mjs';
import { keySetFile, signedTokens } from '../database/signed-tokens.mjs';
import { serverLane } from '../lanes.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { ours } from '../targets/checkouts.mjs';
import { expectRightJwtAnswer } from './jwt-answer.mjs';
import { opaqueLane } from './opaque-lane.mjs';

/** How many tokens are in use at a time. */
const TOKENS = 1000;

/** JSON Web Tokens that come again and again, against opaque tokens on the same server. */
export async function jwtRepeated(bench) {
  const { tokens } = bench.options;
  const pool = await signedTokens('ES256');
  await pool.holds(TOKENS);
  const env = { JWKS_FILE: await keySetFile() };
  const server = await ours(bench, await dataset(bench, tokens), { env });
  const { bytes } = await expectRightJwtAnswer(server, pool.file, 0);
  const [jwt, opaque] = ['JWT, repeated', 'opaque'];
  const drawn = { hint: 'pct', file: pool.file, first: 0, count: TOKENS };
  const samples = await runRounds(bench, 'JWT, repeated', [
    serverLane(bench, server, drawn, { name: jwt, answerBytes: bytes }),
    await opaqueLane(bench, server, tokens, { name: opaque }),
  ]);
  return {
    title: `JSON Web Tokens, ${TOKENS.toLocaleString('en')} that repeat`,
    samples,
    rows: [
      {
        what: 'CPU per request, repeated JWTs against opaque tokens',
        reached: ratio(samples, 'cpu', jwt, opaque),
        atMost: 1.1,
        aim: 0.9,
      },
    ],
  };
}
