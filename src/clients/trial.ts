import type { AuthenticationFault } from '../model/decision-observer.js';
import type { Client } from '../model/client.js';
import { hashSecret, isDigest, isStoredAs } from './secret-hash.js';

/** One reading of the credentials, with the hashes that its secret is compared with. */
export interface Trial {
  readonly clientId: string;
  readonly client: Client | undefined;
  readonly secret: string;
  readonly quick: readonly string[];
  readonly slow: readonly string[];
}

/** The enabled client of the first trial that matches. */
export function enabledClient(
  trials: readonly Trial[],
  matches: readonly boolean[],
): Client | undefined {
  return trials.find(({ client }, at) => matches[at] && client?.enabled)?.client;
}

/** Why no trial is of an enabled client with one of its secrets, and which client it was for, if there is one. */
export function faultOf(trials: readonly Trial[]): {
  fault: AuthenticationFault;
  clientId?: string;
} {
  const trial = trials.find(({ client }) => client !== undefined);
  if (!trial?.client) return { fault: 'unknown_client' };
  const { client, secret } = trial;
  const { clientId, enabled } = client;
  if (!enabled) return { fault: 'client_disabled', clientId };
  return { fault: isExpired(client, secret) ? 'secret_expired' : 'wrong_secret', clientId };
}

/** The hashes of the secrets that are accepted now. */
export function liveHashes(client: Client | undefined): readonly string[] {
  return client?.secrets.filter(isLive).map(({ hash }) => hash) ?? [];
}

function isLive({ expiresAt }: { expiresAt?: number | undefined }): boolean {
  return expiresAt === undefined || Date.now() < expiresAt * 1000;
}

/** Whether it is a generated secret that was replaced, and is still stored. */
function isExpired({ secrets }: Client, secret: string): boolean {
  const digest = hashSecret(secret);
  return secrets.some((one) => !isLive(one) && isDigest(one.hash) && isStoredAs(one.hash, digest));
}
