import { RATE, siege } from '../besieged/siege.mjs';
import { keySetFile, signedTokens } from '../database/signed-tokens.mjs';
import { fixed, most, number, sum } from '../report/columns.mjs';
import { takeTurns } from '../rounds.mjs';
import { answersOf } from '../strangers/answers.mjs';
import { callersDatabase } from '../strangers/database.mjs';
import { kindsOf } from '../strangers/kinds.mjs';
import { checkouts } from '../strangers/servers.mjs';

const CALLER_COLUMNS = [
  number('asked', 'asked', 0, sum),
  { head: 'right', of: share },
  number('503', '503', 0, sum),
  number('429', '429', 0, sum),
  number('others', 'others', 0, sum),
  number('p50 ms', 'p50', 1),
  number('p99 ms', 'p99', 1),
  number('slowest ms', 'slowest', 0, most),
];

const STRANGER_COLUMNS = [
  number('waves', 'waves', 0, sum),
  number('requests', 'requests', 0, sum),
  { head: 'answers', of: answersOf },
  number('a wave’s last answer, s, at most', 'lastAnswer', 2, most),
  number('CPU s a round', 'cpu', 2),
];

/** JSON Web Tokens that are asked about before and after what counts, in seconds of asking. */
const SPARE = 15;

/** What becomes of correct callers while one address sends requests of a kind, a thousand at once. */
export async function besieged(bench) {
  const { seconds, wave } = bench.options;
  const database = await callersDatabase(bench, 'bench_besieged', { chosen: true });
  const pool = await signedTokens('ES256');
  await pool.holds((seconds + SPARE) * RATE * 4);
  const env = { JWKS_FILE: await keySetFile() };
  const lanes = [];
  for (const { start, suffix } of checkouts(bench)) {
    for (const limits of ['memory', 'postgres']) {
      const scene = {
        database,
        jwtFile: pool.file,
        start: () =>
          start(bench, database, { env: limits === 'memory' ? env : { ...env, LIMITS: limits } }),
      };
      for (const kind of attacks(bench, limits)) {
        const by = `${kind?.name ?? 'nobody'}${limits === 'memory' ? '' : ', limits in Postgres'}`;
        const run = (time) => siege(bench, scene, kind, time);
        lanes.push({ name: by + suffix, run });
      }
    }
  }
  const samples = await takeTurns(bench, 'Besieged', lanes);
  return {
    title: `Correct callers, besieged by ${wave.toLocaleString('en')} requests at once`,
    samples,
    rows: [],
    tables: tablesOf(samples),
  };
}

/** Where failures are counted makes a difference for those alone that can fail. */
function attacks(bench, limits) {
  const kinds = kindsOf(bench).filter(({ again }) => !again);
  return [undefined, ...(limits === 'memory' ? kinds : kinds.filter((kind) => kind.authenticates))];
}

function tablesOf(samples) {
  const callers = {};
  const strangers = {};
  for (const [by, rounds] of Object.entries(samples)) {
    for (const name of Object.keys(rounds[0].callers)) {
      callers[`${by}: ${name}`] = rounds.map((round) => answered(round.callers[name]));
    }
    if (!rounds[0].strangers) continue;
    strangers[by] = rounds.map((round) => ({
      ...round.strangers,
      lastAnswer: round.strangers.slowest / 1000,
      cpu: round.cpu,
    }));
  }
  return [
    { title: 'Besieged by: a correct caller', samples: callers, columns: CALLER_COLUMNS },
    { title: 'Besieged by', samples: strangers, columns: STRANGER_COLUMNS },
  ];
}

function answered({ asked, outcomes, ...times }) {
  const { right = 0, 503: unavailable = 0, 429: limited = 0 } = outcomes;
  const others = asked - right - unavailable - limited;
  return { asked, right, 503: unavailable, 429: limited, others, ...times };
}

/** Of all that a caller has asked in all rounds. */
function share(rounds) {
  const all = (field) => sum(rounds.map((round) => round[field]));
  return `${fixed((all('right') / all('asked')) * 100, 2)} %`;
}
