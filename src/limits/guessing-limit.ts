import { Inject, Injectable, Optional } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Limits } from '../config/limits.options.js';
import { IntrospectionSettings } from '../config/settings.js';
import { Observers } from '../events/observers.js';
import type { Soon } from '../model/soon.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import { countedBy } from './attempt.js';
import type { Attempt, Block, Counted } from './attempt.js';
import { failureStore } from './failure-stores.js';
import { FailureTally } from './failure-tally.js';
import { SharedFailures } from './shared-failures.js';

/**
 * Stops an attacker who guesses secrets (RFC 6749 §2.3.1). Failures are counted for each client at an
 * address, and for each address. An attempt that costs anything counts as a failure from when it begins
 * until it has succeeded, so that those sent at once are no more than those sent one by one.
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
  /** Attempts that the store has counted. */
  readonly #sharedAttempts = new WeakSet<Attempt>();
  /** Until when there may be a block, in milliseconds since the epoch; 0: there was none. */
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

  /** Whether any client or address may be blocked; while none is, `blockOn` need not be called. */
  get isBlocking(): boolean {
    return this.#lastBlockEndMs !== 0 && Date.now() < this.#lastBlockEndMs;
  }

  /**
   * The block on an attempt, if there is one: because too many have failed, or because too many are at
   * work, of which some may yet succeed. It reads only this process's memory.
   */
  blockOn(attempt: Attempt): Block | undefined {
    for (const { key, by, most } of this.counted(attempt)) {
      const leftMs = this.#tally.blockedForMs(key);
      if (leftMs > 0) return { seconds: Math.ceil(leftMs / 1000), by };
      if (this.#tally.ownFailures(key) >= most) return { seconds: 1, by };
    }
    return undefined;
  }

  /** Counts an attempt that has cost nothing yet and failed. */
  count(attempt: Attempt): Soon<void> {
    const counted = this.counted(attempt);
    this.add(counted);
    this.blockIfTooMany(counted, attempt);
    if (!this.#shared || counted.length === 0) return;
    return this.share(this.#shared, counted, attempt).then(() =>
      this.blockIfTooMany(counted, attempt),
    );
  }

  /** The same for a client at an address that is blocked already. */
  countClient(attempt: Attempt): void {
    const clients = this.counted(attempt).filter(({ by }) => by === 'client');
    this.add(clients);
    this.blockIfTooMany(clients, attempt);
  }

  /**
   * Counts an attempt before it costs anything.
   * @returns why it must not be compared; `undefined`: it may be. Either way `failed` or `takeBack` follows.
   */
  begin(attempt: Attempt): Soon<Block | undefined> {
    const counted = this.counted(attempt);
    this.add(counted);
    if (!this.#shared || counted.length === 0) return this.tooMany(counted);
    return this.share(this.#shared, counted, attempt).then(() => this.tooMany(counted));
  }

  /** An attempt that was begun has failed. */
  failed(attempt: Attempt): void {
    this.blockIfTooMany(this.counted(attempt), attempt);
  }

  /** An attempt that was begun has succeeded, or was not compared. */
  takeBack(attempt: Attempt): void {
    const keys = this.counted(attempt).map(({ key }) => key);
    for (const key of keys) this.#tally.takeBack(key);
    if (this.#sharedAttempts.delete(attempt)) void this.#shared?.change(keys, -1);
  }

  private add(counted: readonly Counted[]): void {
    for (const { key, most } of counted) {
      this.#tally.add(key);
      if (this.#tally.ownFailures(key) >= most) this.#lastBlockEndMs = this.windowEndMs();
    }
  }

  private windowEndMs(): number {
    return Date.now() + this.#limits!.window * 1000;
  }

  private async share(
    shared: SharedFailures,
    counted: readonly Counted[],
    attempt: Attempt,
  ): Promise<void> {
    const keys = counted.map(({ key }) => key);
    const totals = await shared.change(keys, 1);
    if (!totals) return;
    this.#sharedAttempts.add(attempt);
    for (const key of keys) this.#tally.learn(key, totals.get(key) ?? 0);
  }

  /** Those at work may yet succeed, here or in other processes: soon it may be tried again. */
  private tooMany(counted: readonly Counted[]): Block | undefined {
    const over = counted.find(({ key, most }) => this.#tally.failures(key) > most);
    return over && { seconds: 1, by: over.by };
  }

  private blockIfTooMany(counted: readonly Counted[], { address }: Attempt): void {
    for (const { key, most } of counted) {
      const failures = this.#tally.failures(key);
      if (failures < most || this.#tally.blockedForMs(key) > 0) continue;
      this.#lastBlockEndMs = this.windowEndMs();
      this.#tally.block(key);
      const seconds = this.#limits!.window;
      this.observers.abused({ kind: 'guessing', address, failures, seconds });
    }
  }

  /** @returns nothing when the limits are off */
  private counted(attempt: Attempt): readonly Counted[] {
    return this.#limits ? countedBy(attempt, this.#limits) : [];
  }
}
