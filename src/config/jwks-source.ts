import type { JSONWebKeySet } from 'jose';

/** Where an issuer's JWK Set (RFC 7517 §5) is: the set itself, a file, or a URL. */
export type JwksSource = JSONWebKeySet | JwksFile | JwksUrl;

/** A file with a JWK Set; it is read again every second. Private members are never used. */
export interface JwksFile {
  file: string;
}

/** A JWK Set that is fetched over HTTP. */
export interface JwksUrl {
  url: string;
  /** How long a fetched set is used before it is fetched again, in seconds. Default: 600. */
  cacheMaxAge?: number;
  /** The least time between two fetches because of tokens that name an unknown key, in seconds. Default: 30. */
  cooldown?: number;
  /** How long one fetch may take, in seconds. Default: 2. */
  timeout?: number;
  /** How long a fetched set is still used while it cannot be fetched again, in seconds. Default: 86400. */
  staleFor?: number;
}

export function isFile(source: JwksSource): source is JwksFile {
  return (source as Partial<JwksFile>).file !== undefined;
}

export function isUrl(source: JwksSource): source is JwksUrl {
  return (source as Partial<JwksUrl>).url !== undefined;
}
