import type { Client } from '../model/client.js';
import type { OpaqueTokenRecord } from '../model/token-record.js';

/** What the repositories in memory have in common. Nothing in it is changed in place, only replaced. */
export class InMemoryTables {
  /** By client id. */
  readonly clients = new Map<string, Client>();
  /** When each client id was deleted last, in seconds since the epoch. */
  readonly deletions = new Map<string, number>();
  /** By the digest in hexadecimal. */
  readonly tokens = new Map<string, OpaqueTokenRecord>();
  /** By the hash in hexadecimal: when the token expires, in seconds since the epoch; `Infinity`: never. */
  readonly revocations = new Map<string, number>();

  clear(): void {
    for (const table of [this.clients, this.deletions, this.tokens, this.revocations]) {
      table.clear();
    }
  }
}

/** What hosts can call on a repository of ours, which the one in memory must have, too. */
export type PublicMethods<Repository> = Pick<Repository, Extract<keyof Repository, string>>;
