import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { TooManyRequestsError } from '../model/oauth-error.js';
import { Observers } from '../events/observers.js';
import { IntrospectionSettings } from '../config/settings.js';
import type { Limits } from '../config/limits.options.js';

/** The window for questions, in milliseconds. */
const WINDOW_MS = 60_000;

/** So many questions say something about the share of unknown tokens among them. */
const ENOUGH_QUESTIONS = 100;

/** Most answers that are held back at a time: each of them is memory. */
const MOST_HELD = 256;

/** Most callers that are watched; the one that asked longest ago goes first. */
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
 * Slows callers that go through tokens to find one that is live. Each process watches for itself: a
 * share is the same on any part of the questions.
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

  /** Takes note of a question, and of whether its token was unknown. */
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
   * Holds an inactive answer to a slowed caller back. All inactive answers, because one that came
   * sooner than others would tell that its token is known; and no active one, because the caller may
   * be a correct one to which an attacker sends tokens.
   * @returns when the answer may go out; `undefined`: now
   * @throws TooManyRequestsError, at once, when too many are held already
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

  /** A caller that was a scanner stays slowed until it is none for a whole window. */
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

  /** However few questions it had: it waited for slow answers. */
  private isStill(questions: Questions): boolean {
    return questions.slowed && this.isMostlyUnknown(questions);
  }

  private isMostlyUnknown({ asked, unknown }: Questions): boolean {
    return unknown > asked * this.#limits!.unknownTokens;
  }
}
