import { dataset } from '../database/dataset.mjs';
import { ALGORITHMS, keySetFile, signedTokens } from '../database/signed-tokens.mjs';
import { loopLane, measure } from '../lanes.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { ours } from '../targets/checkouts.mjs';
import { floor } from '../targets/servers.mjs';
import { expectRightJwtAnswer } from './jwt-answer.mjs';
import { opaqueLane } from './opaque-lane.mjs';

/** Requests a second that are reckoned with before a server has shown its own; twice as many go. */
const FAST = 10_000;

/**
 * JSON Web Tokens that the server has never seen, against what cannot be had for less: the floor's
 * answer about an opaque token, and one crypto.verify.
 */
export async function jwtFresh(bench) {
  const keyFile = await keySetFile();
  const env = { JWKS_FILE: keyFile };
  const { tokens } = bench.options;
  const database = await dataset(bench, tokens);
  const server = await ours(bench, database, { env });
  const least = await floor(bench, database);
  const lanes = [await opaqueLane(bench, least, tokens)];
  for (const alg of Object.keys(ALGORITHMS)) {
    const pool = await signedTokens(alg);
    await pool.holds(1000);
    // The server has seen this one now, so the load begins after it.
    const { bytes } = await expectRightJwtAnswer(server, pool.file, 0);
    lanes.push(
      freshLane(bench, server, newOf(alg), pool, { first: 1, answerBytes: bytes }),
      loopLane(bench, verifyOf(alg), 'verify-loop.mjs', {
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
    rows: Object.keys(ALGORITHMS).map((alg) => ({
      what: `CPU per request, new JWTs, ${alg}, against the floor's and one crypto.verify`,
      reached: ratio(samples, 'cpu', newOf(alg), least.name, verifyOf(alg)),
      atMost: 1.4,
      aim: 1.2,
    })),
  };
}

function newOf(alg) {
  return `JWT, ${alg}, each new`;
}

function verifyOf(alg) {
  return `crypto.verify, ${alg}`;
}

/** Each run begins in the file where the one before has ended. */
function freshLane(bench, server, name, pool, { first, answerBytes }) {
  let fastest = FAST;
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
