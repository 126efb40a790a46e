import { hash } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Limits } from '../config/limits.options.js';
import { IntrospectionSettings } from '../config/settings.js';
import { Observers } from '../events/observers.js';
import type { Soon } from '../model/soon.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import { failureStore } from './failure-stores.js';
import { FailureTally } from './failure-tally.js';
import { SharedFailures } from './shared-failures.js';

/** An attempt to authenticate: the address that it comes from, and the clients that it may be for. */
export interface Attempt {
  readonly address: string;
  /** Empty where its credentials cannot be read. */
  readonly clientIds: readonly string[];
}

/** Why an attempt is blocked. */
export interface Block {
  /** For how much longer it is blocked, in seconds. */
  readonly seconds: number;
  /** What has failed too often: this client at this address, or all clients together at this address. */
  readonly by: 'client' | 'address';
}

/** What failures are counted by. */
interface Counted {
  readonly key: string;
  readonly by: Block['by'];
  /** So many failures block it. */
  readonly most: number;
}

/**
 * Stops an attacker who guesses secrets (RFC 6749 §2.3.1). Failures are counted for each client at an
 * address, and for each address. An attempt counts as a failure from when it begins to be compared until
 * it has succeeded, so that those sent at once are no more than those sent one by one.
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
  readonly #tally: FailureTally;
  readonly #shared: SharedFailures | undefined;
  /** When the last block ends, in milliseconds since the epoch; 0: there was none. */
  #lastBlockEndMs = 0;

  constructor(
    { limits }: IntrospectionSettings,
    private readonly observers: Observers,
    @Optional() @Inject(INTROSPECTION_DATA_SOURCE) dataSource?: DataSource,
  ) {
    this.#limits = limits;
    this.#tally = new FailureTally((limits?.window ?? 0) * 1000);
    const store = limits && failureStore(limits, dataSource);
    if (store) this.#shared = new SharedFailures(store);
  }

  /** Whether any client or address is blocked; while none is, `blockOn` need not be called. */
  get isBlocking(): boolean {
    return this.#lastBlockEndMs !== 0 && Date.now() < this.#lastBlockEndMs;
  }

  /** The block on an attempt, if there is one. It reads only this process's memory. */
  blockOn(attempt: Attempt): Block | undefined {
    const nowMs = Date.now();
    // The address comes last: a client's own block is the stricter one.
    for (const { key, by } of this.counted(attempt)) {
      const endMs = this.#tally.blockedUntilMs(key);
      if (endMs > nowMs) return { seconds: Math.ceil((endMs - nowMs) / 1000), by };
    }
    return undefined;
  }

  /**
   * Counts an attempt before it costs anything. It never fails.
   * @returns why it must not be compared; `undefined`: it may be, and then `failed` or `succeeded` follows
   */
  begin(attempt: Attempt): Soon<Block | undefined> {
    const counted = this.counted(attempt);
    for (const { key } of counted) this.#tally.add(key);
    const over = this.firstOver(counted);
    if (over) {
      // Those at work may yet succeed: soon it may be tried again.
      for (const { key } of counted) this.#tally.takeBack(key);
      return { seconds: 1, by: over.by };
    }
    return this.#shared && this.beginTogether(this.#shared, counted, attempt);
  }

  /** An attempt that was begun has failed. */
  failed(attempt: Attempt): void {
    for (const { key, most } of this.counted(attempt)) {
      if (this.#tally.failures(key) >= most) this.block(key, attempt);
    }
  }

  /** An attempt that was begun has succeeded. */
  succeeded(attempt: Attempt): void {
    const keys = this.counted(attempt).map(({ key }) => key);
    for (const key of keys) this.#tally.takeBack(key);
    if (keys.length > 0) void this.#shared?.change(keys, -1);
  }

  /** Learns what other processes have counted. */
  private async beginTogether(
    shared: SharedFailures,
    counted: readonly Counted[],
    attempt: Attempt,
  ): Promise<Block | undefined> {
    const keys = counted.map(({ key }) => key);
    const totals = await shared.change(keys, 1);
    for (const [key, failures] of totals ?? []) this.#tally.raise(key, failures);
    const over = this.firstOver(counted);
    if (!over) return undefined;
    this.block(over.key, attempt);
    return this.blockOn(attempt);
  }

  private firstOver(counted: readonly Counted[]): Counted | undefined {
    return counted.find(({ key, most }) => this.#tally.failures(key) > most);
  }

  private block(key: string, { address }: Attempt): void {
    const nowMs = Date.now();
    if (this.#tally.blockedUntilMs(key) > nowMs) return;
    const seconds = this.#limits!.window;
    this.#lastBlockEndMs = nowMs + seconds * 1000;
    this.#tally.block(key, this.#lastBlockEndMs);
    this.observers.abused({
      kind: 'guessing',
      address,
      failures: this.#tally.failures(key),
      seconds,
    });
  }

  /** @returns nothing when the limits are off */
  private counted({ address, clientIds }: Attempt): readonly Counted[] {
    if (!this.#limits) return [];
    const { failuresPerClient, failuresPerAddress } = this.#limits;
    const clients = Array.from(new Set(clientIds), (id): Counted => {
      return { key: clientKey(address, id), by: 'client', most: failuresPerClient };
    });
    return [...clients, { key: `address ${address}`, by: 'address', most: failuresPerAddress }];
  }
}

/**
 * A digest, because ids can have any length, and because a client may send its secret as its id by mistake.
 */
function clientKey(address: string, clientId: string): string {
  return `client ${hash('sha256', `${address} ${clientId}`, 'base64url')}`;
}
