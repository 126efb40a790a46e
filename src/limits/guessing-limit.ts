import { hash } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { DataSource } from 'typeorm';
import type { Limits } from '../config/limits.options.js';
import { IntrospectionSettings } from '../config/settings.js';
import { Observers } from '../events/observers.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import { FailureCounter, MOST_COUNTED_KEYS } from './failure-counter.js';

/** An attempt to authenticate: the address that it comes from, and the clients that it may be for. */
export interface Attempt {
  readonly address: string;
  readonly clientIds: readonly string[];
}

/** Why an attempt is blocked. */
export interface Block {
  /** For how much longer it is blocked, in seconds. */
  readonly seconds: number;
  /** What has failed too often: this client at this address, or all clients together at this address. */
  readonly by: 'client' | 'address';
}

/**
 * Stops an attacker who guesses secrets (RFC 6749 §2.3.1). Failures are counted for each client at an
 * address, and for each address.
 *
 * They are not counted for a client at all addresses together, because an attacker who knows the client's
 * id could then lock it out from anywhere. Even at one address there can be an attacker and a correct
 * caller, behind one gateway, or behind a proxy that is not in `trustedProxies`. So a generated secret is
 * always compared: it has 256 random bits, and a caller that presents it has not guessed it. A secret that
 * a person chose can be guessed; it is not compared while its client is blocked at the address.
 */
@Injectable()
export class GuessingLimit {
  readonly #limits: Limits | undefined;
  readonly #failures: FailureCounter | undefined;
  /** Until when a key is blocked, in milliseconds since the epoch. */
  readonly #blockedUntilMs = new LRUCache<string, number>({ max: MOST_COUNTED_KEYS });
  /** When the last block ends, in milliseconds since the epoch; 0: there was none. */
  #lastBlockEndMs = 0;

  constructor(
    { limits }: IntrospectionSettings,
    private readonly observers: Observers,
    @Optional() @Inject(INTROSPECTION_DATA_SOURCE) dataSource?: DataSource,
  ) {
    this.#limits = limits;
    if (limits) this.#failures = new FailureCounter(limits, dataSource);
  }

  /** Whether any client or address is blocked; while none is, `blockOn` need not be called. */
  get isBlocking(): boolean {
    return this.#lastBlockEndMs !== 0 && Date.now() < this.#lastBlockEndMs;
  }

  /** The block on an attempt, if there is one. It reads only this process's memory. */
  blockOn({ address, clientIds }: Attempt): Block | undefined {
    const nowMs = Date.now();
    const endsMs = clientKeys(address, clientIds).map((key) => this.#blockedUntilMs.get(key) ?? 0);
    const clientEndMs = Math.max(...endsMs);
    if (clientEndMs > nowMs) return { seconds: secondsUntil(clientEndMs, nowMs), by: 'client' };
    const addressEndMs = this.#blockedUntilMs.get(addressKey(address)) ?? 0;
    if (addressEndMs <= nowMs) return undefined;
    return { seconds: secondsUntil(addressEndMs, nowMs), by: 'address' };
  }

  /** Counts an attempt that failed. This method itself never fails. */
  async failed({ address, clientIds }: Attempt): Promise<void> {
    if (!this.#limits) return;
    const { failuresPerAddress, failuresPerClient } = this.#limits;
    await Promise.all([
      this.count(addressKey(address), failuresPerAddress, address),
      ...clientKeys(address, clientIds).map((key) => this.count(key, failuresPerClient, address)),
    ]);
  }

  private async count(key: string, mostFailures: number, address: string): Promise<void> {
    const failures = await this.#failures!.count(key);
    const nowMs = Date.now();
    if (failures < mostFailures || (this.#blockedUntilMs.get(key) ?? 0) > nowMs) return;
    const seconds = this.#limits!.window;
    this.#lastBlockEndMs = nowMs + seconds * 1000;
    this.#blockedUntilMs.set(key, this.#lastBlockEndMs);
    this.observers.abused({ kind: 'guessing', address, failures, seconds });
  }
}

function addressKey(address: string): string {
  return `address ${address}`;
}

/**
 * A key for each client that the attempt may be for. It is a digest, because ids can have any length, and
 * because a client may send its secret as its id by mistake.
 */
function clientKeys(address: string, clientIds: readonly string[]): string[] {
  return Array.from(
    new Set(clientIds),
    (id) => `client ${hash('sha256', `${address} ${id}`, 'base64url')}`,
  );
}

function secondsUntil(timeMs: number, nowMs: number): number {
  return Math.ceil((timeMs - nowMs) / 1000);
}
