import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { platform } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.js';
import { postgresPrograms } from './postgres-programs.js';
import { postgresUser } from './postgres-user.js';
import type { PostgresUser } from './postgres-user.js';
import { WORKING_DIRECTORY, runProgram } from './run-program.js';
import type { PostgresPrograms } from './run-program.js';

/**
 * A Postgres cluster in a directory: created once, then started and stopped. Postgres runs as a
 * daemon, so that other processes can still use it after the process that started it has ended.
 */
export class PostgresCluster {
  readonly #data: string;
  readonly #passwordFile: string;

  private constructor(
    private readonly home: string,
    private readonly user: PostgresUser | undefined,
    private readonly programs: PostgresPrograms,
  ) {
    this.#data = join(home, 'data');
    this.#passwordFile = join(home, 'password');
  }

  /** The cluster in `home`; it is created if it does not exist. @throws Failure */
  static async at(home: string): Promise<PostgresCluster> {
    const user = await postgresUser();
    const programs = await postgresPrograms(user);
    await mkdir(join(home, '..'), { recursive: true });
    const cluster = new PostgresCluster(home, user, programs);
    if (!existsSync(home)) await cluster.make();
    return cluster;
  }

  password(): Promise<string> {
    return readFile(this.#passwordFile, 'utf8');
  }

  /** The port of the Postgres that runs here. @returns `undefined` when none runs. */
  async port(): Promise<number | undefined> {
    // Postgres documents the lines of this file: the process id first, the port fourth.
    const pidFile = await readFile(join(this.#data, 'postmaster.pid'), 'utf8').catch(() => '');
    const [pid, , , port] = pidFile.split('\n').map(Number);
    return pid && port && isAlive(pid) ? port : undefined;
  }

  async start(): Promise<void> {
    const log = join(this.#data, 'server.log');
    await rm(log, { force: true });
    const options = ['-l', 'server.log', '-w', '-o', `-p ${await freePort()}`];
    await this.#run('pg_ctl', this.#data, ['start', ...options]).catch(async (error) => {
      const said = (await readFile(log, 'utf8').catch(() => '')).match(/(?:FATAL|PANIC): .*/)?.[0];
      if (!said) throw error;
      const message = said.replaceAll(WORKING_DIRECTORY, this.#data);
      throw new Failure(`The embedded Postgres did not start: ${message}`);
    });
  }

  async stop(): Promise<void> {
    await this.#run('pg_ctl', this.#data, ['stop', '-w', '-m', 'fast']);
  }

  /** Creates it in a directory that is then renamed to `home`, so that no process uses an unfinished cluster. */
  private async make(): Promise<void> {
    const home = `${this.home}.new-${process.pid}`;
    const [data, passwordFile] = [join(home, 'data'), join(home, 'password')];
    try {
      await mkdir(data, { recursive: true, mode: 0o755 });
      await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
      if (this.user) {
        // The Postgres user must enter it to read the password, but not change it: root relies on it.
        await chmod(home, 0o755);
        for (const own of [data, passwordFile]) await chown(own, this.user.uid, this.user.gid);
      }
      await this.#run('initdb', data, [
        '--pwfile=../password',
        '--username=postgres',
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--no-locale',
        '--set=listen_addresses=127.0.0.1',
        '--set=unix_socket_directories=',
      ]);
      await rename(home, this.home);
    } catch (error) {
      await rm(home, { recursive: true, force: true });
      // Another process has created the cluster meanwhile.
      if (!existsSync(this.home)) throw error;
    }
  }

  /**
   * Runs a program in the data directory. Postgres makes every path absolute, but the Postgres user may
   * not be able to enter the directories above; WORKING_DIRECTORY is the one name that works even then.
   */
  #run(program: 'initdb' | 'pg_ctl', data: string, args: readonly string[]): Promise<void> {
    const name = this.user && platform() === 'linux' ? WORKING_DIRECTORY : data;
    const surroundings = { cwd: data, user: this.user };
    return runProgram(this.programs[program], [...args, '-D', name], surroundings);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
