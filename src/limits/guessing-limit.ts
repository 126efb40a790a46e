import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { DataSource } from 'typeorm';
import type { BasicCredentials } from '../clients/basic-credentials.js';
import type { Comparison } from '../clients/client-authenticator.js';
import { Observers } from '../events/observers.js';
import { IntrospectionSettings } from '../config/settings.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import { ClientAddress } from '../http/client-address.js';
import { FailureCounter, MOST_KEYS } from './failure-counter.js';
import type { Limits } from '../config/limits.options.js';

/** What stands against an attempt to authenticate. */
export interface Block {
  /** For how much longer, in seconds. */
  readonly seconds: number;
  /** The secrets that the attempt is compared with nevertheless. */
  readonly comparison: Comparison;
}

/**
 * Stops who guesses secrets (RFC 6749 §2.3.1): by the client at an address, and by the address.
 *
 * There is no bound on a client as such, because whoever knows its id could then lock it out from
 * anywhere. And even at one address an attacker and a correct caller can be together, behind one
 * gateway or one proxy that is not named in the options. So a generated secret is compared in any
 * case: it has 256 random bits, and whoever presents it has not guessed it. One that somebody chose
 * can be guessed; it is not compared while its client is blocked at the address.
 */
@Injectable()
export class GuessingLimit {
  readonly #limits: Limits | undefined;
  readonly #failures: FailureCounter | undefined;
  /** Until when a key is blocked, in milliseconds since the epoch. */
  readonly #blocked = new LRUCache<string, number>({ max: MOST_KEYS });
  /** When the last block ends: nobody has to look for one after that. */
  #lastEnds = 0;

  constructor(
    { limits }: IntrospectionSettings,
    private readonly address: ClientAddress,
    private readonly observers: Observers,
    @Optional() @Inject(INTROSPECTION_DATA_SOURCE) dataSource?: DataSource,
  ) {
    this.#limits = limits;
    if (limits) this.#failures = new FailureCounter(limits, dataSource);
  }

  /** It looks into this process's memory alone, and while nobody is blocked not even there. */
  blockOn(request: IncomingMessage, credentials: BasicCredentials): Block | undefined {
    if (this.#lastEnds === 0) return undefined;
    const now = Date.now();
    if (now >= this.#lastEnds) return undefined;
    const address = this.address.of(request);
    const clients = clientKeys(address, credentials).map((key) => this.#blocked.get(key) ?? 0);
    const client = Math.max(...clients);
    if (client > now) return { seconds: secondsUntil(client, now), comparison: 'generated' };
    const everything = this.#blocked.get(addressKey(address)) ?? 0;
    if (everything <= now) return undefined;
    return { seconds: secondsUntil(everything, now), comparison: 'known' };
  }

  /** Counts an attempt that failed. It never fails itself. */
  async failed(request: IncomingMessage, credentials: BasicCredentials): Promise<void> {
    if (!this.#limits) return;
    const { failuresPerAddress, failuresPerClient } = this.#limits;
    const address = this.address.of(request);
    await Promise.all([
      this.count(addressKey(address), failuresPerAddress, address),
      ...clientKeys(address, credentials).map((key) => this.count(key, failuresPerClient, address)),
    ]);
  }

  private async count(key: string, most: number, address: string): Promise<void> {
    const failures = await this.#failures!.count(key);
    const now = Date.now();
    if (failures < most || (this.#blocked.get(key) ?? 0) > now) return;
    const seconds = this.#limits!.window;
    this.#lastEnds = now + seconds * 1000;
    this.#blocked.set(key, this.#lastEnds);
    this.observers.abused({ kind: 'guessing', address, failures, seconds });
  }
}

function addressKey(address: string): string {
  return `address ${address}`;
}

/**
 * A key for each client that the attempt may be for. A digest, because ids can be of any length, and
 * what is sent as an id may be a secret in the wrong place.
 */
function clientKeys(address: string, { readings }: BasicCredentials): string[] {
  const ids = new Set(readings.map(({ clientId }) => clientId));
  return Array.from(ids, (id) => `client ${hash('sha256', `${address} ${id}`, 'base64url')}`);
}

function secondsUntil(time: number, now: number): number {
  return Math.ceil((time - now) / 1000);
}
