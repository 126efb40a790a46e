import { expect, it } from 'vitest';
import { refusesConnections } from '../support/connections.js';
import { proxyForTest } from '../support/database-proxy.js';
import { ask } from '../support/http.js';
import { load } from '../support/load.js';
import { eventually } from '../support/programs.js';
import { expectStopped, isAlive, kill, tokenForTest, workersForTest } from '../support/workers.js';

const CLIENTS = 8;

it('a worker that is killed under load is replaced, and no answer is wrong', async () => {
  const { url, question } = await tokenForTest();
  const server = await workersForTest({ DATABASE_URL: url });
  const clients = load(server.origin, question, CLIENTS);
  await clients.more();
  // The second death of worker 1 is that of one that has replaced another.
  for (const id of [1, 2, 1]) {
    const pid = server.pid(id);
    kill(pid, 'SIGKILL');
    await clients.more();
    await server.replaced(pid);
    await clients.more();
    expect(server.deaths().at(-1)).toMatchObject({ worker: id, pid, signal: 'SIGKILL' });
  }
  await clients.end();
  expect(clients.counts.wrong).toEqual([]);
  // Nobody finds the port closed: a kill cuts those that the worker has, and the one on its way.
  expect(clients.counts.cut).toBeLessThanOrEqual(3 * (CLIENTS + 1));
  expectStopped(await server.stop(), server.pids());
});

it('a connection on its way to a worker that dies is cut, not forgotten', async () => {
  const { url, question } = await tokenForTest();
  const server = await workersForTest({ DATABASE_URL: url });
  const pid = server.pid(1);
  kill(pid, 'SIGSTOP');
  let answered = 0;
  const asked = Array.from({ length: 6 }, async () => {
    const { json } = await ask(server.origin, question);
    answered++;
    return json['active'];
  });
  const all = Promise.allSettled(asked);
  // The worker that stands still is handed one, and no more.
  await eventually(() => answered === 5);
  kill(pid, 'SIGKILL');
  const outcomes = await all;
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') expect(outcome.value).toBe(true);
  }
  await server.replaced(pid);
  expectStopped(await server.stop(), server.pids());
});

it('workers that all die at once are replaced on the same port', async () => {
  const { url, question } = await tokenForTest();
  const server = await workersForTest({ DATABASE_URL: url });
  for (const round of [1, 2]) {
    const pids = server.pids();
    for (const pid of pids) kill(pid, 'SIGKILL');
    await Promise.all(pids.map(server.replaced));
    expect((await ask(server.origin, question)).json['active'], `round ${round}`).toBe(true);
  }
});

it('one that dies again and again is tried after longer and longer pauses', async () => {
  const { url, question } = await tokenForTest();
  const proxy = await proxyForTest(url);
  const server = await workersForTest({ DATABASE_URL: proxy.url });
  await proxy.down();
  const pid = server.pid(1);
  kill(pid, 'SIGKILL');
  // The longest there is: twice the one before would be 6400.
  await eventually(() => server.deaths().at(-1)?.['pause_ms'] === 5000);
  const [first, ...failed] = server.deaths();
  // Without one where it has listened for long, on a machine that is slow.
  expect(first).toMatchObject({ worker: 1, pid, signal: 'SIGKILL' });
  const pauses = [100, 200, 400, 800, 1600, 3200, 5000];
  expect(failed.map(({ pause_ms: ms }) => ms)).toEqual(pauses.slice(first?.['pause_ms'] ? 1 : 0));
  for (const death of failed) {
    expect(death).toMatchObject({
      level: 'error',
      worker: 1,
      exit_code: 1,
      cause: expect.stringMatching(/^The database at .* cannot be used/),
    });
  }
  // The other one has gone on all the time.
  const live = await ask(server.origin, { method: 'GET', path: '/health/live' });
  expect(live.status).toBe(200);
  await proxy.up();
  await server.replaced(pid);
  await eventually(async () => (await ask(server.origin, question)).json['active'] === true);
  expectStopped(await server.stop(), server.pids());
});

it('one that is being replaced does not keep the server from stopping', async () => {
  const { url } = await tokenForTest();
  const server = await workersForTest({ DATABASE_URL: url });
  kill(server.pid(1), 'SIGKILL');
  await eventually(() => server.deaths().length === 1);
  expectStopped(await server.stop(), server.pids());
  expect(server.log().filter(({ level }) => level !== 'info')).toEqual(server.deaths());
  expect(server.deaths()).toHaveLength(1);
});

it('one that does not stop is ended in bounded time', async () => {
  const { url } = await tokenForTest();
  const server = await workersForTest({ DATABASE_URL: url });
  kill(server.pid(1), 'SIGSTOP');
  expectStopped(await server.stop(), server.pids());
});

it('workers end with the primary, however it ends', async () => {
  const { url } = await tokenForTest();
  const server = await workersForTest({ DATABASE_URL: url });
  const pids = server.pids();
  expect(pids.map(isAlive)).toEqual([true, true]);
  server.signal('SIGKILL');
  await eventually(() => !pids.some(isAlive));
  expect(await refusesConnections(server.origin)).toBe(true);
});
