import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { pendingMigrations } from '../environment/migrations.js';
import { OverdueError, connectionsOf } from '../../src/persistence/connections.js';

/** How long the database may take to answer, in milliseconds. */
const PATIENCE = 2000;

/** Whether the process runs, and whether it can do its work. */
@Controller('health')
export class HealthController {
  /** One look at a time: a database that hangs must not fill the pool with our questions. */
  #look: Promise<string | undefined> | undefined;

  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  @Get('live')
  @Header('Cache-Control', 'no-store')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    this.#look ??= this.fault().finally(() => (this.#look = undefined));
    const reason = await this.#look;
    if (reason === undefined) return { status: 'ok' };
    reply.code(503);
    return { status: 'unavailable', reason };
  }

  /** Names what is wrong; the details of a failure are for the logs of the database alone. */
  private async fault(): Promise<string | undefined> {
    try {
      const connections = connectionsOf(this.dataSource);
      const deadline = performance.now() + PATIENCE;
      const pending = await pendingMigrations(
        this.dataSource,
        async (text) => (await connections.query<{ name: string }>({ text }, deadline)).rows,
      );
      return pending.length > 0 ? `Migrations are pending: ${pending.join(', ')}.` : undefined;
    } catch (error) {
      return error instanceof OverdueError
        ? 'The database does not answer in time.'
        : 'The database cannot be reached.';
    }
  }
}
