import { dataset } from '../database/dataset.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { root } from '../setup.mjs';
import { OTHER, host } from '../targets/checkouts.mjs';
import { opaqueLane } from './opaque-lane.mjs';

const HOSTS = /** @type {const} */ ([
  { name: 'Fastify and a global guard', adapter: 'fastify', guarded: true },
  { name: 'Express', adapter: 'express', guarded: false },
]);

/** Applications that import the module, against the same ones that import another checkout's. */
export async function hosts(bench) {
  const { tokens, against } = bench.options;
  const database = await dataset(bench, tokens);
  const lanes = [];
  for (const shape of HOSTS) {
    const servers = [await host(bench, database, root, shape)];
    if (against) {
      const name = withOther(shape);
      servers.push(await host(bench, database, against, { ...shape, name }));
    }
    for (const server of servers) lanes.push(await opaqueLane(bench, server, tokens));
  }
  const samples = await runRounds(bench, 'Hosts', lanes);
  return {
    title: 'Applications that import the module',
    samples,
    rows: HOSTS.map((shape) => ({
      what: `CPU per request, a host on ${shape.name}, against ${OTHER}`,
      ...(against
        ? { reached: ratio(samples, 'cpu', shape.name, withOther(shape)) }
        : { note: 'not measured: name another checkout with --against' }),
      atMost: 0.8,
      aim: 0.6,
    })),
  };
}

function withOther({ name }) {
  return `${name}, ${OTHER}`;
}
