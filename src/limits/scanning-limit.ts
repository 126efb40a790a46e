import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { TooManyRequestsError } from '../model/oauth-error.js';
import { Observers } from '../events/observers.js';
import { IntrospectionSettings } from '../config/settings.js';
import type { Limits } from '../config/limits.options.js';

/** The window in which the questions of a caller are counted, in milliseconds. */
const WINDOW_MS = 60_000;

/** With fewer questions, the share of unknown tokens among them says too little. */
const ENOUGH_QUESTIONS = 100;

/** Most answers that are delayed at one time, because each takes memory. */
const MOST_HELD = 256;

/** Most callers that are watched; the caller that asked longest ago is dropped first. */
const MOST_CALLERS = 10_000;

/** What a caller has asked within a window. */
interface Questions {
  sinceMs: number;
  asked: number;
  unknown: number;
  slowed: boolean;
  reported: boolean;
}

/**
 * Slows callers that try many tokens to find an active one. Each process watches only its own part of the
 * questions, because the share of unknown tokens is the same in every part.
 */
@Injectable()
export class ScanningLimit {
  readonly #limits: Limits | undefined;
  readonly #callers = new LRUCache<string, Questions>({ max: MOST_CALLERS });
  #held = 0;

  constructor(
    { limits }: IntrospectionSettings,
    private readonly observers: Observers,
  ) {
    this.#limits = limits;
  }

  /** Counts a question, and whether its token was unknown. */
  note(callerId: string, unknown: boolean): void {
    if (!this.#limits) return;
    const questions = this.questionsOf(callerId, Date.now());
    questions.asked++;
    if (!unknown) return;
    questions.unknown++;
    if (
      questions.reported ||
      questions.asked < ENOUGH_QUESTIONS ||
      !this.isMostlyUnknown(questions)
    )
      return;
    questions.reported = questions.slowed = true;
    const { asked, unknown: unknownTokens } = questions;
    this.observers.abused({ kind: 'scanning', callerId, asked, unknownTokens });
  }

  /**
   * Delays an inactive answer to a slowed caller. Every inactive answer is delayed, because one that comes
   * sooner than the others would tell the caller that its token is known. Active answers are not delayed,
   * because the caller may be a correct resource server to which an attacker sends tokens.
   * @returns a promise that is fulfilled when the answer may be sent; `undefined`: it may be sent now
   * @throws TooManyRequestsError, at once, when too many answers are being delayed
   */
  hold(callerId: string): Promise<void> | undefined {
    const { delay: delayMs = 0 } = this.#limits ?? {};
    if (delayMs === 0 || !this.#callers.peek(callerId)?.slowed) return undefined;
    if (this.#held >= MOST_HELD) throw new TooManyRequestsError(Math.ceil(delayMs / 1000));
    this.#held++;
    return new Promise((resolve) => {
      setTimeout(() => {
        this.#held--;
        resolve();
      }, delayMs);
    });
  }

  /** The caller's questions in this window. It stays slowed until it has not scanned for a whole window. */
  private questionsOf(callerId: string, nowMs: number): Questions {
    let questions = this.#callers.get(callerId);
    if (!questions || nowMs - questions.sinceMs >= WINDOW_MS) {
      const slowed =
        !!questions && nowMs - questions.sinceMs < 2 * WINDOW_MS && this.isStill(questions);
      questions = { sinceMs: nowMs, asked: 0, unknown: 0, slowed, reported: false };
      this.#callers.set(callerId, questions);
    }
    return questions;
  }

  /** Whether a slowed caller still scans. It need not have asked a hundred times: its answers were slow. */
  private isStill(questions: Questions): boolean {
    return questions.slowed && this.isMostlyUnknown(questions);
  }

  private isMostlyUnknown({ asked, unknown }: Questions): boolean {
    return unknown > asked * this.#limits!.unknownTokens;
  }
}
