import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { joinEmbeddedPostgres } from '../../app/postgres/embedded-postgres.js';
import { directoryForTest } from '../support/programs.js';

const isRoot = process.getuid?.() === 0;

/**
 * Run by root, Postgres runs as another user, and must have left behind all that root may do: SQL can
 * read files and run programs. Run by anybody else, it has what that user has.
 */
it('the embedded Postgres has no capability and no group of the user who started it', async () => {
  // Linux alone tells what a process may do.
  if (platform() !== 'linux') return;
  if (isRoot) joinGroup(await groupOf('shadow'));
  const folder = await directoryForTest();
  const postgres = await joinEmbeddedPostgres(folder);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await postgres.leave();
  });
  const postmaster = parseInt(await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8'));
  for (const pid of [String(postmaster), await backendOf(client)]) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
      expect(status).toMatch(new RegExp(`^${set}:\\t0{16}$`, 'm'));
    }
    // The real, effective, saved and file system's user and group.
    expect(status).not.toMatch(/^[UG]id:.*\t0(\t|$)/m);
    if (isRoot) expect(status).toMatch(/^Groups:\s*$/m);
  }
  await expect(client.query("SELECT pg_read_file('/etc/shadow')")).rejects.toThrow(
    'Permission denied',
  );
});

async function backendOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return String(rows[0]!.pid);
}

/** The group that may read the file of passwords. */
async function groupOf(name: string): Promise<number> {
  const groups = await readFile('/etc/group', 'utf8');
  return Number(new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(groups)?.[1] ?? 0);
}

function joinGroup(group: number): void {
  const usual = process.getgroups!();
  process.setgroups!([...usual, group]);
  onTestFinished(() => process.setgroups!(usual));
}
