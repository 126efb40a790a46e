import { join } from 'node:path';
import { dataset } from '../database/dataset.mjs';
import { record } from '../profile/record.mjs';
import { bytesByStage, stageOf, timeByStage } from '../profile/stages.mjs';
import { here } from '../setup.mjs';
import { OTHER, otherServer, ours } from '../targets/checkouts.mjs';
import { floor } from '../targets/servers.mjs';

/** Where recordings stay: the browsers' developer tools open the first two kinds. */
const directory = join(here, '.data', 'profile');

const KINDS = [
  {
    title: 'CPU µs a request, where they are spent',
    preload: 'cpu.mjs',
    suffix: 'cpuprofile',
    digits: 1,
    byStage: timeByStage,
  },
  {
    title: 'Bytes a request, where they are allocated',
    preload: 'heap.mjs',
    suffix: 'heapprofile',
    digits: 0,
    byStage: bytesByStage,
  },
  {
    title: 'Promises a request, where they are made',
    preload: 'promises.mjs',
    suffix: 'promises.json',
    digits: 1,
    byStage: promisesByStage,
  },
];

/** Where the time of an answer about an opaque token goes, and what is made for it. */
export async function profile(bench) {
  const { tokens, against } = bench.options;
  const database = await dataset(bench, tokens);
  const subjects = [
    { name: 'this package', start: (options) => ours(bench, database, options) },
    { name: 'floor (Fastify)', start: (options) => floor(bench, database, options) },
    { name: OTHER, start: (options) => otherServer(bench, database, options) },
  ];
  if (!against) subjects.pop();
  const breakdowns = [];
  for (const { title, preload, suffix, digits, byStage } of KINDS) {
    const columns = {};
    for (const subject of subjects) {
      const file = join(directory, `${subject.name.match(/\w+/g).join('-')}.${suffix}`);
      const { recording, requests } = await record(bench, subject, preload, file);
      columns[subject.name] = perRequest(byStage(recording), requests);
    }
    breakdowns.push({ title, digits, columns });
  }
  return { title: 'Profile', samples: {}, rows: [], breakdowns };
}

function promisesByStage({ made, awaited }) {
  const byStage = { 'awaits, anywhere': awaited };
  for (const [url, count] of Object.entries(made)) {
    byStage[stageOf(url)] = (byStage[stageOf(url)] ?? 0) + count;
  }
  return byStage;
}

function perRequest(byStage, requests) {
  return Object.fromEntries(
    Object.entries(byStage).map(([stage, amount]) => [stage, amount / requests]),
  );
}
