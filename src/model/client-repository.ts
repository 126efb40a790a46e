import type { Client } from './client.js';

/**
 * Port: where clients are found. It is asked at every introspection and must answer from the state
 * that is committed when it is asked, never from a copy that can be older.
 */
export interface ClientRepository {
  /** @returns `undefined` when there is no such client. @throws when the look-up failed. */
  find(clientId: string): Promise<Client | undefined>;
}
export const ClientRepository = Symbol('ClientRepository');
