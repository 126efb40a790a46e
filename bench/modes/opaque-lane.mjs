import { tokenText } from '../fixtures.mjs';
import { expectAnswer, expectRightAnswers } from '../load/ask.mjs';
import { serverLane } from '../lanes.mjs';

/**
 * A server that is asked about opaque tokens drawn at random, after some of its answers were looked
 * at; under load they are weighed.
 * @param {number} tokens how many there are to draw from
 * @param {{ name?: string, connections?: number }} [options]
 */
export async function opaqueLane(bench, server, tokens, options = {}) {
  const answerBytes = await expectRightAnswers(server, tokens);
  const draw = { hint: 'access_token', first: 0, count: tokens };
  return serverLane(bench, server, draw, { ...options, answerBytes });
}

/** The same for a server that has one answer for all. */
export async function fixedLane(bench, server, tokens, options = {}) {
  const draw = { hint: 'access_token', first: 0, count: tokens };
  const { bytes } = await expectAnswer(server, tokenText(0), draw.hint, { active: true });
  return serverLane(bench, server, draw, { ...options, answerBytes: bytes });
}
