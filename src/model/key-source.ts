import type { CryptoKey } from 'jose';

/** Port: whose tokens are trusted, and which keys verify them. */
export interface KeySource {
  /** The keys of an issuer. @returns `undefined` when the issuer is not trusted. */
  keySet(issuer: string): KeySet | undefined | Promise<KeySet | undefined>;
}
export const KeySource = Symbol('KeySource');

/** The keys of one issuer. */
export interface KeySet {
  /**
   * The keys that may have signed a token with this header. The header has only `alg` and `kid`, because
   * nothing else that a token says about its key is believed (RFC 8725 §3.10).
   *
   * @returns a promise only where the keys have to be fetched first
   * @throws when the keys cannot be read or fetched: the caller is then answered with 503.
   */
  find(header: KeyHeader): readonly CryptoKey[] | Promise<readonly CryptoKey[]>;
  /** When the keys were read last, in milliseconds since the epoch, for metrics; absent: they never change. */
  readonly readAt?: number | undefined;
}

export interface KeyHeader {
  readonly alg: string;
  readonly kid?: string;
}
