/** A registered client: one that tokens are issued to, or that asks about them, or both. */
export interface Client {
  readonly clientId: string;
  readonly name?: string | undefined;
  readonly enabled: boolean;
  readonly mayIntrospect: boolean;
  /** The audiences in tokens that mean this client. */
  readonly audiences: readonly string[];
  /** It may see tokens of every audience. */
  readonly anyAudience: boolean;
  readonly secrets: readonly ClientSecret[];
  /**
   * Our JSON Web Tokens that were issued to it earlier are inactive, in seconds since the epoch: its id was
   * another client's then, which was deleted. Absent: all count.
   */
  readonly tokensFrom?: number | undefined;
}

export interface ClientSecret {
  /** A hash in the notation of {@link hashSecret} or {@link hashChosenSecret}. */
  readonly hash: string;
  /** From when on it is not accepted, in seconds since the epoch; absent: it does not expire. */
  readonly expiresAt?: number | undefined;
}

/** What decides which tokens a client may see. */
export type Caller = Pick<Client, 'clientId' | 'audiences' | 'anyAudience'>;

/** The state of the client that a token was issued to; `unknown`: it is not registered here. */
export type ClientState = 'enabled' | 'disabled' | 'unknown';

/** @param client `undefined` when it was not found, or when the token names no client */
export function clientStateOf(client: Pick<Client, 'enabled'> | undefined): ClientState {
  if (!client) return 'unknown';
  return client.enabled ? 'enabled' : 'disabled';
}
