import { dataset } from '../database/dataset.mjs';
import { tokenText } from '../fixtures.mjs';
import { expectAnswer } from '../load/ask.mjs';
import { serverLane } from '../lanes.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { ours } from '../targets/checkouts.mjs';
import { opaqueLane } from './opaque-lane.mjs';

/** Tokens that nobody has issued, against tokens that are active. */
export async function inactive(bench) {
  const { tokens } = bench.options;
  // Whoever asks about nothing else is taken for a scanner, and slowed.
  const env = { LIMITS: 'off' };
  const server = await ours(bench, await dataset(bench, tokens), { env });
  const hint = 'access_token';
  const { bytes } = await expectAnswer(server, tokenText(tokens), hint, { active: false });
  const samples = await runRounds(bench, 'Inactive', [
    await opaqueLane(bench, server, tokens, { name: 'active' }),
    serverLane(
      bench,
      server,
      { hint, first: tokens, count: tokens },
      { name: 'inactive', answerBytes: bytes },
    ),
  ]);
  return {
    title: 'Tokens that nobody has issued',
    samples,
    rows: [
      {
        what: 'requests/s, inactive answers against active ones',
        reached: ratio(samples, 'perSecond', 'inactive', 'active'),
      },
    ],
  };
}
