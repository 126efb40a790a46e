import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { IntrospectionSettings } from '../config/settings.js';
import { isFile, isUrl } from '../config/jwks-source.js';
import type { JwksSource } from '../config/jwks-source.js';
import { KeySetFile } from './key-set-file.js';
import { KeySetUrl } from './key-set-url.js';
import { localKeySet } from './key-set.js';
import type { KeySet, KeySource } from '../model/key-source.js';

/** The keys of the issuers that the module's options name. */
@Injectable()
export class ConfiguredKeySource implements KeySource, OnModuleInit, OnApplicationShutdown {
  readonly #byIssuer = new Map<string, KeySet>();
  readonly #unprotectedUrls: readonly string[];

  constructor({ ownIssuers, jwks, trustedIssuers }: IntrospectionSettings) {
    if (jwks) {
      const own = toKeySet(jwks);
      for (const issuer of ownIssuers) this.#byIssuer.set(issuer, own);
    }
    for (const trusted of trustedIssuers)
      this.#byIssuer.set(trusted.issuer, toKeySet(trusted.jwks));
    this.#unprotectedUrls = [jwks, ...trustedIssuers.map((trusted) => trusted.jwks)].flatMap(
      unprotectedUrl,
    );
  }

  onModuleInit(): void {
    if (this.#unprotectedUrls.length === 0) return;
    new Logger(ConfiguredKeySource.name).warn(
      `Key sets are fetched without TLS from ${this.#unprotectedUrls.join(', ')}: whoever is on the way can ` +
        'put in keys of his own, and make tokens that are active here. Use https: URLs, or files.',
    );
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
  if (isFile(source)) return new KeySetFile(source.file);
  if (isUrl(source)) return new KeySetUrl(source);
  return localKeySet(source);
}

/** A plain `http:` URL of another machine, without what could be secret in it; else nothing. */
function unprotectedUrl(source: JwksSource | undefined): string[] {
  if (!source || !isUrl(source)) return [];
  const { protocol, hostname, host, pathname } = new URL(source.url);
  const isLoopback = /^(127\.[\d.]+|\[::1\]|(.+\.)?localhost)$/.test(hostname);
  return protocol === 'http:' && !isLoopback ? [`http://${host}${pathname}`] : [];
}
