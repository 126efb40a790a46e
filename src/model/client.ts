/** A registered client: one that tokens are issued to, or that asks about them, or both. */
export interface Client {
  readonly clientId: string;
  readonly name?: string | undefined;
  readonly enabled: boolean;
  readonly mayIntrospect: boolean;
  /** The audiences that are this client, as they stand in tokens. */
  readonly audiences: readonly string[];
  /** It may see tokens of every audience. */
  readonly anyAudience: boolean;
  readonly secrets: readonly ClientSecret[];
}

export interface ClientSecret {
  /** A hash in the notation of {@link hashSecret} or {@link hashChosenSecret}. */
  readonly hash: string;
  /** Seconds since the epoch, from which on it is not accepted; absent: it does not expire. */
  readonly expiresAt?: number | undefined;
}

/** The part of a client that decides what it may see. */
export type Caller = Pick<Client, 'clientId' | 'audiences' | 'anyAudience'>;

/** What is known of the client that a token was issued to. */
export type ClientState = 'enabled' | 'disabled' | 'unknown';

/** @param client as it was found; `undefined` when it was not, or when the token names none */
export function clientStateOf(client: Pick<Client, 'enabled'> | undefined): ClientState {
  if (!client) return 'unknown';
  return client.enabled ? 'enabled' : 'disabled';
}
