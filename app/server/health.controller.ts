import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { pendingMigrations } from '../environment/migrations.js';
import { Connections, OverdueError } from '../../src/persistence/connections.js';

/** How long the database may take to answer, in milliseconds. */
const DATABASE_ANSWERS_WITHIN_MS = 2000;

const ASK_STANDBY = 'SELECT pg_is_in_recovery() AS standby';
const STANDBY =
  'The database is a standby, which may lag behind: DATABASE_URL must lead to the primary.';

/** Tells whether the process runs (`live`), and whether it can answer introspections (`ready`). */
@Controller('health')
export class HealthController {
  /** The running check, which all requests share: while the database hangs, checks must not fill the pool. */
  #check: Promise<string | undefined> | undefined;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    private readonly connections: Connections,
  ) {}

  @Get('live')
  @Header('Cache-Control', 'no-store')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    this.#check ??= this.fault().finally(() => (this.#check = undefined));
    const reason = await this.#check;
    if (reason === undefined) return { status: 'ok' };
    reply.code(503);
    return { status: 'unavailable', reason };
  }

  /** The reason why the server is not ready. It has no details of a failure: those are in Postgres' own log. */
  private async fault(): Promise<string | undefined> {
    const deadline = performance.now() + DATABASE_ANSWERS_WITHIN_MS;
    try {
      const [row] = await this.ask<{ standby: boolean }>(ASK_STANDBY, deadline);
      if (row?.standby !== false) return STANDBY;
      const pending = await pendingMigrations(this.dataSource, (sql) => this.ask(sql, deadline));
      return pending.length > 0 ? `Migrations are pending: ${pending.join(', ')}.` : undefined;
    } catch (error) {
      return error instanceof OverdueError
        ? 'The database does not answer in time.'
        : 'The database cannot be reached.';
    }
  }

  private ask<Row extends object>(text: string, deadline: number): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.connections.query<Row>({ text }, deadline, (failure, result) => {
        if (result) resolve(result.rows);
        else reject(failure);
      });
    });
  }
}
