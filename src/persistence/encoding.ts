import { Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Connections } from './connections.js';

/** Asks for the encoding of the database, in the one column `server_encoding`. */
export const ASK_ENCODING = 'SHOW server_encoding';

export interface EncodingRow {
  readonly server_encoding: string;
}

/**
 * What is wrong with a database of this encoding; `undefined`: nothing. A client id may have any
 * character, and in another encoding than UTF8 a read that asks for one it lacks fails.
 */
export function encodingFault({ server_encoding: encoding }: EncodingRow): string | undefined {
  if (encoding === 'UTF8') return undefined;
  return (
    `The database has the encoding ${encoding}, which lacks characters that client ids may have: ` +
    "make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and use that."
  );
}

/** Keeps an application from starting on a database that is not in UTF8. */
export class EncodingCheck implements OnApplicationBootstrap {
  readonly #logger = new Logger('IntrospectionModule');

  /** @param timeoutMs how long the database may take to answer, in milliseconds */
  constructor(
    private readonly connections: Connections,
    private readonly timeoutMs: number,
  ) {}

  /** @throws Error when the encoding is another. That it cannot be asked for is only logged. */
  async onApplicationBootstrap(): Promise<void> {
    const row = await this.ask().catch((failure: unknown) => {
      const { message } = failure as Error;
      this.#logger.warn(`The database's encoding, which must be UTF8, is not known: ${message}`);
    });
    const fault = row && encodingFault(row);
    if (fault !== undefined) throw new Error(fault);
  }

  private async ask(): Promise<EncodingRow> {
    const [row] = await this.connections.ask<EncodingRow>({ text: ASK_ENCODING }, this.timeoutMs);
    return row!;
  }
}
