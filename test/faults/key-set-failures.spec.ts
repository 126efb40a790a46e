import { expect, it } from 'vitest';
import { jwksServer } from '../support/jwks-server.js';
import type { JwksState } from '../support/jwks-server.js';
import { sign, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';
import { serverForTest } from '../support/programs.js';
import { inAnHour } from '../support/world.js';
import type { Question } from './callers.js';
import { pause, questionsOf, startCopy } from './database.js';
import { READ_TIMEOUT, originalForFile, playScene } from './scene.js';
import type { Scene } from './scene.js';

const ISSUER = 'https://server.example.com/';
/** A little more than the least time between two fetches for unknown keys, in milliseconds. */
const COOLDOWN = 31_000;

const original = originalForFile();

const setOf = (...keys: SigningKey[]) => JSON.stringify({ keys: keys.map((key) => key.public) });
const tokenOf = (key: SigningKey) =>
  sign(key, { iss: ISSUER, client_id: 'rs', sub: 'jwt', exp: inAnHour() });

/** Plays a scene on a server whose keys are behind a URL. */
async function play(
  name: string,
  state: JwksState,
  url: string,
  scene: Pick<Scene, 'questions' | 'fault'>,
): Promise<void> {
  const database = await startCopy(original());
  const { origin } = await serverForTest({
    DATABASE_URL: database.url(),
    READ_TIMEOUT: String(READ_TIMEOUT),
    ISSUER,
    JWKS_URI: url,
    LOG_LEVEL: 'fatal',
  });
  await playScene(name, { origin, headers: original().headers, ...scene });
  expect(state.requests).toBeGreaterThan(0);
}

it.each<[string, Partial<JwksState>]>([
  ['slow', { stall: true }],
  ['failing', { status: 500 }],
  ['serving garbage', { body: '<html>' }],
])('a JWK Set URL that is %s when it is first needed', async (name, fault) => {
  const { state, url } = await jwksServer();
  const key = await signingKey('ES256');
  const body = setOf(key);
  const questions = questionsOf(original());
  await play(`JWK Set URL ${name}, no set yet`, state, url, {
    questions,
    fault: async () => {
      Object.assign(state, { body }, fault);
      questions.push({ token: await tokenOf(key), expected: 'active' });
      return () => void Object.assign(state, { status: 200, body, stall: false });
    },
  });
});

type Change = (state: JwksState, held: SigningKey, other: SigningKey) => void;

it.each<[string, Change, Question['expected']]>([
  ['JWK Set URL slow, a set is held', (state) => void (state.stall = true), 'inactive'],
  ['JWK Set rotating', (state, ...keys) => void (state.body = setOf(...keys)), 'active'],
])('%s', async (name, change, expected) => {
  const { state, url } = await jwksServer();
  const [held, other] = [await signingKey('ES256'), await signingKey('ES256')];
  state.body = setOf(held);
  const questions = questionsOf(original());
  questions.push({ token: await tokenOf(held), expected: 'active' });
  await play(name, state, url, {
    questions,
    fault: async () => {
      await pause(COOLDOWN);
      change(state, held, other);
      // For it the set has to be fetched again.
      questions.push({ token: await tokenOf(other), expected });
      return () => void (state.stall = false);
    },
  });
  expect(state.requests).toBe(2);
});
