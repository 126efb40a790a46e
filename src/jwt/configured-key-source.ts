import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { IntrospectionSettings } from '../config/settings.js';
import type { JwksSource } from '../config/jwks-source.js';
import { KeySetFile } from './key-set-file.js';
import { KeySetUrl } from './key-set-url.js';
import { localKeySet } from './key-set.js';
import type { KeySet, KeySource } from '../model/key-source.js';

/** The keys of the issuers that the module's options name. */
@Injectable()
export class ConfiguredKeySource implements KeySource, OnApplicationShutdown {
  readonly #byIssuer = new Map<string, KeySet>();

  constructor({ ownIssuers, jwks, trustedIssuers }: IntrospectionSettings) {
    if (jwks) {
      const own = toKeySet(jwks);
      for (const issuer of ownIssuers) this.#byIssuer.set(issuer, own);
    }
    for (const trusted of trustedIssuers)
      this.#byIssuer.set(trusted.issuer, toKeySet(trusted.jwks));
  }

  /** Comes when requests in flight, which need the keys of now, have been answered. */
  onApplicationShutdown(): void {
    for (const keySet of this.#byIssuer.values()) {
      if (keySet instanceof KeySetFile) keySet.close();
    }
  }

  keySet(issuer: string): KeySet | undefined {
    return this.#byIssuer.get(issuer);
  }
}

function toKeySet(source: JwksSource): KeySet {
  if ('file' in source) return new KeySetFile(source.file);
  if ('url' in source) return new KeySetUrl(source);
  return localKeySet(source);
}
