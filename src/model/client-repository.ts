import type { Client } from './client.js';

/**
 * Port: where clients are found. It is asked at every introspection and must answer from the state
 * that is committed when it is asked, never from a copy that can be older.
 */
export interface ClientRepository {
  /** @returns `undefined` when there is no such client. @throws when the look-up failed. */
  find(clientId: string): Promise<Client | undefined>;

  /**
   * Optional. The stored hash of any secret that a person chose, which is slow to compare with. It is asked
   * for at start, so that refusals take the same time for every client from the first on.
   * @returns `undefined` when no client has one
   */
  findChosenSecret?(): Promise<string | undefined>;
}
export const ClientRepository = Symbol('ClientRepository');
