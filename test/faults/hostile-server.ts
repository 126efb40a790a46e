import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { TypeOrmClientRepository, TypeOrmOpaqueTokenRepository } from '../../src/index.js';
import { selfSigned } from '../support/certificate.js';
import { freshDatabase } from '../support/database.js';
import { basic } from '../support/http.js';
import { LAST, exchange } from '../support/raw-http.js';
import { rawRequests } from '../support/raw-requests.js';
import { startServer } from '../support/programs.js';
import { inAnHour } from '../support/world.js';

/** A line of the table: what was sent, and what came of it. */
interface Row {
  readonly shape: string;
  readonly sent: number;
  /** Answers by status; connections without one stand under what ended them. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly before: number;
  readonly after: number;
}

/** A spawned server that is told apart by its process: it must be the same one to the end. */
export async function hostileServer(scheme: 'http' | 'https') {
  const { url, dataSource } = await freshDatabase();
  const clients = new TypeOrmClientRepository(dataSource);
  const tokens = new TypeOrmOpaqueTokenRepository(dataSource);
  const { clientSecret } = await clients.create({ clientId: 'rs', anyAudience: true });
  const live = await tokens.issue({ clientId: 'rs', exp: inAnHour() });
  const revoked = await tokens.issue({ clientId: 'rs', exp: inAnHour() });
  await tokens.revoke(revoked);
  const directory = await mkdtemp(join(tmpdir(), 'introspection-test-'));
  const tls = scheme === 'https' ? await tlsVariables(directory) : {};
  const server = await startServer({ DATABASE_URL: url, ...tls });
  const raw = rawRequests(basic('rs', clientSecret));
  let crashed = false;
  void server.exited.then(() => (crashed = true));
  const rows: Row[] = [];

  /** A correct caller on a connection of its own. */
  const expectServes = async () => {
    const bytes = raw.request(live) + raw.request(revoked) + LAST;
    const { statuses, bodies } = await exchange(server.origin, bytes, { patience: 60_000 });
    expect(statuses).toEqual([200, 200, 404]);
    expect(bodies[0]).toContain('"active":true');
    expect(bodies[1]).toBe('{"active":false}');
    expect(crashed).toBe(false);
  };

  return {
    ...server,
    ...raw,
    live,
    revoked,
    expectServes,
    memory: () => residentMemory(server.processId),
    /** Does something hostile, sees a correct caller answered after it, and keeps the figures. */
    async endure(shape: string, attack: () => Promise<readonly (string | number)[]>) {
      const before = residentMemory(server.processId);
      const outcomes = await attack();
      await expectServes();
      rows.push({
        shape: `${scheme}: ${shape}`,
        sent: outcomes.length,
        outcomes: counted(outcomes),
        before,
        after: residentMemory(server.processId),
      });
    },
    async end() {
      const { code, stderr } = await server.stop();
      await dataSource.destroy();
      await rm(directory, { recursive: true });
      console.log(table(rows, code === 0 && stderr === '' ? 0 : 1));
      expect(stderr).toBe('');
      expect(code).toBe(0);
    },
  };
}
export type HostileServer = Awaited<ReturnType<typeof hostileServer>>;

async function tlsVariables(directory: string) {
  const pem = await selfSigned();
  const [TLS_CERT_FILE, TLS_KEY_FILE] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  await writeFile(TLS_CERT_FILE, pem.cert);
  await writeFile(TLS_KEY_FILE, pem.private);
  return { TLS_CERT_FILE, TLS_KEY_FILE };
}

/** What a process has in memory, in MiB. */
function residentMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024);
}

function counted(outcomes: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function table(rows: readonly Row[], crashes: number): string {
  const lines = rows.map(({ shape, sent, outcomes, before, after }) => {
    const answers = Object.entries(outcomes).map(([outcome, count]) => `${outcome}: ${count}`);
    return `| ${shape} | ${sent} | ${answers.join(', ')} | ${before} | ${after} |`;
  });
  const sent = rows.reduce((sum, row) => sum + row.sent, 0);
  return [
    '| shape | sent | answers by status | MiB before | MiB after |',
    '| - | -: | - | -: | -: |',
    ...lines,
    '',
    `${sent} sent, crashes: ${crashes}`,
  ].join('\n');
}
