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
  /** About how many tokens that there are not, or that it may not see. */
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

  /**
   * Counts a question. A token that the caller may not see counts as one that there is not, or what comes
   * of it would tell that there is one.
   * @param concealed whether there is no token that the caller may see
   * @returns whether an inactive answer to it must be held: because the caller is slowed, or would be from
   *   now on if its token were concealed
   */
  note(callerId: string, concealed: boolean): boolean {
    if (!this.#limits) return false;
    const questions = this.questionsOf(callerId, Date.now());
    questions.asked++;
    const isEdge =
      questions.asked >= ENOUGH_QUESTIONS &&
      this.isMostlyUnknown(questions.asked, questions.unknown + 1);
    const mustHold = questions.slowed || isEdge;
    if (concealed) questions.unknown++;
    if (concealed && isEdge && !questions.reported) this.report(callerId, questions);
    return mustHold;
  }

  private report(callerId: string, questions: Questions): void {
    questions.reported = questions.slowed = true;
    const { asked, unknown: unknownTokens } = questions;
    this.observers.abused({ kind: 'scanning', callerId, asked, unknownTokens });
  }

  /**
   * Delays an inactive answer. Every inactive answer to a scanner is delayed, because one that comes
   * sooner than the others would tell the caller that its token is known. Active answers are not delayed,
   * because the caller may be a correct resource server to which an attacker sends tokens.
   * @returns a promise that is fulfilled when the answer may be sent; `undefined`: it may be sent now
   * @throws TooManyRequestsError, at once, when too many answers are being delayed
   */
  hold(): Promise<void> | undefined {
    const { delay: delayMs = 0 } = this.#limits ?? {};
    if (delayMs === 0) return undefined;
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
    // The clock may have been set back.
    if (!questions || Math.abs(nowMs - questions.sinceMs) >= WINDOW_MS) {
      const slowed =
        !!questions && nowMs - questions.sinceMs < 2 * WINDOW_MS && this.isStill(questions);
      questions = { sinceMs: nowMs, asked: 0, unknown: 0, slowed, reported: false };
      this.#callers.set(callerId, questions);
    }
    return questions;
  }

  /** Whether a slowed caller still scans. It need not have asked a hundred times: its answers were slow. */
  private isStill(questions: Questions): boolean {
    return questions.slowed && this.isMostlyUnknown(questions.asked, questions.unknown);
  }

  private isMostlyUnknown(asked: number, unknown: number): boolean {
    return unknown > asked * this.#limits!.unknownTokens;
  }
}
