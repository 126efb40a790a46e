import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { heldQueries, holdTable, keptAlive, refusesConnections } from '../support/connections.js';
import { databaseForTest } from '../support/database.js';
import { FORM, ask, basic } from '../support/http.js';
import { directoryForTest, eventually } from '../support/programs.js';
import { expectFailure, runServer, serverForTest } from '../support/programs.js';
import {
  decisions,
  expectStopped,
  kill,
  tokenForTest,
  workersForTest,
} from '../support/workers.js';

it('one worker is one process, which says nothing of workers', async () => {
  const { url } = await databaseForTest();
  const { origin, log } = await serverForTest({ DATABASE_URL: url, WORKERS: '1' });
  expect(log()).toEqual([
    { level: 'info', time: expect.any(String), msg: `Listening on ${origin}` },
  ]);
});

describe('several workers', () => {
  it('answer on one port, each from the state of this moment', async () => {
    const { url, question, revoke } = await tokenForTest();
    const server = await workersForTest({ DATABASE_URL: url, WORKERS: '3' });
    const pids = server.pids();
    expect(server.log()).toEqual([
      expect.objectContaining({ msg: `Listening on ${server.origin}`, worker_pids: pids }),
    ]);
    expect(new Set(pids).size).toBe(3);
    for (const active of [true, false]) {
      // Three in a row are one for each.
      const heard = () =>
        new Set(
          decisions(server)
            .filter((line) => line['active'] === active)
            .map(({ worker }) => worker),
        );
      await eventually(async () => {
        expect((await ask(server.origin, question)).json['active']).toBe(active);
        return heard().size === 3;
      });
      expect(heard()).toEqual(new Set([1, 2, 3]));
      await revoke();
    }
    for (let times = 0; times < 3; times++) {
      for (const path of ['/health/live', '/health/ready']) {
        const { status, json } = await ask(server.origin, { method: 'GET', path });
        expect({ status, json }).toEqual({ status: 200, json: { status: 'ok' } });
      }
    }
    expectStopped(await server.stop(), pids);
  });

  it('share what is prepared once: the embedded Postgres, the demo and its keys', async () => {
    const server = await workersForTest({ DATA_DIR: await directoryForTest() }, ['--demo']);
    const curls = await eventually(() => {
      const found = [...server.output().matchAll(/curl -s -u (\S+) -d (\S+) /g)];
      return found.length === 2 && found;
    });
    for (const [, credentials, body] of curls) {
      const [id, secret] = credentials!.split(':') as [string, string];
      const question = { headers: [...FORM, 'Authorization', basic(id, secret)], body: body! };
      // Two in a row are one for each worker.
      for (const time of [1, 2]) {
        expect((await ask(server.origin, question)).json['active'], `time ${time}`).toBe(true);
      }
    }
    expect(server.output().match(/Migrated the database/g)).toHaveLength(1);
    expect(server.output().match(/Listening on/g)).toHaveLength(1);
    expectStopped(await server.stop(), server.pids());
  });

  // Ctrl-C on a terminal reaches every process.
  it.each([
    ['SIGTERM', 'the primary alone'],
    ['SIGINT', 'every process'],
  ] as const)('answer what is in flight after %s to %s, and end well', async (signal, whom) => {
    const { url, dataSource, question } = await tokenForTest();
    const server = await workersForTest({ DATABASE_URL: url });
    const release = await holdTable(dataSource, 'opaque_token');
    const inFlight: Promise<unknown>[] = [];
    for (const count of [1, 2]) {
      inFlight.push(keptAlive(server.origin, question));
      await heldQueries(dataSource, count);
    }

    if (whom === 'every process') for (const pid of server.pids()) kill(pid, signal);
    server.signal(signal);
    await eventually(() => refusesConnections(server.origin));
    await release();

    expect(await Promise.all(inFlight)).toMatchObject([{ active: true }, { active: true }]);
    expectStopped(await server.exited, server.pids());
    const workers = decisions(server)
      .filter(({ active }) => active)
      .map(({ worker }) => worker);
    expect(new Set(workers)).toEqual(new Set([1, 2]));
    expect(server.log().filter(({ level }) => level !== 'info')).toEqual([]);
    expect(server.log().at(-1)).toMatchObject({ msg: 'Stopped' });
  });
});

describe('workers that cannot start', () => {
  it('say once that the port is taken', async () => {
    const { url } = await databaseForTest();
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const variables = { DATABASE_URL: url, PORT: String(port), WORKERS: '3' };
    const { code, stderr } = await runServer([], variables);
    expect(stderr).toBe(
      `The port ${port} on 127.0.0.1 is taken: stop what listens there, or set PORT.\n`,
    );
    expect(code).toBe(1);
  });

  it('say once that the database cannot be used', async () => {
    const variables = { DATABASE_URL: 'postgres://user:pa55word@127.0.0.1:1/x', WORKERS: '3' };
    const outcome = await runServer([], variables);
    expectFailure(outcome, /^The database at 127\.0\.0\.1:1\/x cannot be used/);
    expect(outcome.stderr).not.toContain('pa55word');
  });
});
