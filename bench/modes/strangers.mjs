import { tidily } from '../machine/cleanup.mjs';
import { progress } from '../machine/progress.mjs';
import { number } from '../report/columns.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { answersOf } from '../strangers/answers.mjs';
import { callersDatabase } from '../strangers/database.mjs';
import { ACTIVE, kindsOf } from '../strangers/kinds.mjs';
import { kept, strangersLane } from '../strangers/lanes.mjs';
import { checkouts, introduceChosen } from '../strangers/servers.mjs';
import { WATCHED, watch } from '../strangers/watch.mjs';
import { OTHER } from '../targets/checkouts.mjs';

const COLUMNS = [
  number('requests', 'requests'),
  { head: 'answers', of: answersOf },
  number('CPU µs each', 'cpu', 1),
  number('keys read each', 'keys', 2),
  number('log lines each', 'lines', 2),
];

const KEPT_COLUMNS = [
  number('requests', 'requests'),
  number('bytes alive each', 'alive'),
  number('RSS MiB more', 'resident', 1),
];

/** What requests cost that anybody on the network can send, beside a correct caller's. */
export async function strangers(bench) {
  const [withoutChosen, withChosen] = [
    await callersDatabase(bench, 'bench_strangers', { chosen: false }),
    await callersDatabase(bench, 'bench_strangers_chosen', { chosen: true }),
  ];
  const subjectOf = async (checkout, { chosen = false }) => {
    const server = await checkout.start(bench, chosen ? withChosen : withoutChosen, WATCHED);
    if (chosen) await introduceChosen(server);
    return { server, watched: await watch(server) };
  };
  const kinds = [ACTIVE, ...kindsOf(bench)];
  const lanes = [];
  const memory = {};
  for (const checkout of checkouts(bench)) {
    for (const kind of kinds) {
      const name = kind.name + checkout.suffix;
      memory[name] = await tidily(async () => {
        const subject = await subjectOf(checkout, kind);
        progress(`Strangers: what is kept of ${name} …`);
        return [await kept(bench, subject, kind)];
      });
    }
    const subjects = {
      without: await subjectOf(checkout, { chosen: false }),
      with: await subjectOf(checkout, { chosen: true }),
    };
    for (const kind of kinds) {
      const subject = kind.chosen ? subjects.with : subjects.without;
      lanes.push(strangersLane(bench, subject, kind, kind.name + checkout.suffix));
    }
  }
  const samples = await runRounds(bench, 'Strangers', lanes);
  const title = 'What a stranger costs';
  return {
    title,
    samples,
    memory,
    tables: [
      { title, samples, columns: COLUMNS },
      { title: 'What is kept of a stranger', samples: memory, columns: KEPT_COLUMNS },
    ],
    rows: comparisons(bench, samples),
  };
}

function comparisons(bench, samples) {
  return kindsOf(bench).flatMap(({ name }) => {
    const rows = [
      {
        what: `CPU, ${name}, against an active answer`,
        reached: ratio(samples, 'cpu', name, ACTIVE.name),
      },
    ];
    if (bench.options.against) {
      rows.push({
        what: `the same against ${OTHER}`,
        reached: ratio(samples, 'cpu', name, `${name}, ${OTHER}`),
      });
    }
    return rows;
  });
}
