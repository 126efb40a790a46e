import { dataset } from '../database/dataset.mjs';
import { ALGORITHMS, keySetFile, signedTokens } from '../database/signed-tokens.mjs';
import { loopLane, measure } from '../lanes.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { ours } from '../targets/checkouts.mjs';
import { expectRightJwtAnswer } from './jwt-answer.mjs';

const MUST = { ES256: { atLeast: 0.5, aim: 0.7 }, RS256: { atLeast: 0.5, aim: 0.7 }, EdDSA: {} };

/** JSON Web Tokens that the server has never seen, against a bare loop of crypto.verify. */
export async function jwtFresh(bench) {
  const keyFile = await keySetFile();
  const env = { JWKS_FILE: keyFile };
  const server = await ours(bench, await dataset(bench, bench.options.tokens), { env });
  const lanes = [];
  for (const alg of Object.keys(ALGORITHMS)) {
    const pool = await signedTokens(alg);
    await pool.holds(1000);
    // The server has seen this one now, so the load begins after it.
    const { bytes } = await expectRightJwtAnswer(server, pool.file, 0);
    lanes.push(
      freshLane(bench, server, `JWT, ${alg}, each new`, pool, { first: 1, answerBytes: bytes }),
      loopLane(bench, `crypto.verify, ${alg}`, 'verify-loop.mjs', {
        ALG: alg,
        KEY_FILE: keyFile,
        TOKENS_FILE: pool.file,
      }),
    );
  }
  const samples = await runRounds(bench, 'JWT, each new', lanes);
  return {
    title: 'JSON Web Tokens, each of them new',
    samples,
    rows: Object.entries(MUST).map(([alg, must]) => ({
      what: `requests/s, new JWTs, ${alg}, against a bare loop of crypto.verify`,
      reached: ratio(samples, 'perSecond', `JWT, ${alg}, each new`, `crypto.verify, ${alg}`),
      ...must,
    })),
  };
}

/** Each run begins in the file where the one before has ended. */
function freshLane(bench, server, name, pool, { first, answerBytes }) {
  let fastest = 5000;
  return {
    name,
    run: async (seconds) => {
      const count = Math.ceil(2 * fastest * seconds);
      await pool.holds(first + count);
      const draw = { hint: 'pct', file: pool.file, first, count, once: true };
      const sample = await measure(bench, server, draw, { seconds, answerBytes });
      first += sample.used;
      fastest = Math.max(fastest, sample.perSecond);
      return sample;
    },
  };
}
