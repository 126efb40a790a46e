import { expect, it } from 'vitest';
import { FORM, ask, basic } from '../support/http.js';
import { eventually, serverForTest } from '../support/programs.js';
import { tokenForTest } from '../support/workers.js';

it('the audit log says under the id of an answer what came of the request, and why', async () => {
  const { url, question, revoke } = await tokenForTest();
  const server = await serverForTest({ DATABASE_URL: url });
  const { headers } = question;
  /** The answer's id, and the line that has it. */
  const lineOf = async (asked: Parameters<typeof ask>[1]) => {
    const answer = await ask(server.origin, asked);
    const id = answer.headers['x-request-id'];
    expect(id).toBeTypeOf('string');
    return eventually(() => server.log().find(({ request_id }) => request_id === id));
  };
  const decision = {
    event: 'introspection',
    caller: 'rs',
    token_client: 'rs',
    duration_ms: expect.any(Number),
  };
  expect(await lineOf(question)).toMatchObject({ ...decision, active: true });
  const named = { ...question, headers: [...headers, 'X-Request-Id', 'proxy-7'] };
  expect(await lineOf(named)).toMatchObject({ request_id: 'proxy-7', active: true });
  await revoke();
  expect(await lineOf(question)).toMatchObject({
    event: 'introspection',
    caller: 'rs',
    active: false,
    reason: 'revoked',
  });
  const refusal = { event: 'refusal', duration_ms: expect.any(Number) };
  expect(await lineOf({ headers, body: '' })).toMatchObject({
    ...refusal,
    caller: 'rs',
    error: 'invalid_request',
    status: 400,
  });
  expect(await lineOf({ headers, body: 'x'.repeat(70_000) })).toMatchObject({
    ...refusal,
    status: 413,
  });
  expect(await lineOf({ headers: FORM, body: 'token=a' })).toMatchObject({
    ...refusal,
    status: 401,
    fault: 'no_credentials',
    address: '127.0.0.1',
  });
  const wrong = (id: string) => ({
    headers: [...FORM, 'Authorization', basic(id, 'wr0ng')],
    body: 'token=a',
  });
  expect(await lineOf(wrong('rs'))).toMatchObject({
    ...refusal,
    status: 401,
    fault: 'wrong_secret',
    claimed_client: 'rs',
    address: '127.0.0.1',
  });
  const unknown = await lineOf(wrong('s3cret-as-id'));
  expect(unknown).toMatchObject({ ...refusal, status: 401, fault: 'unknown_client' });
  expect(unknown).not.toHaveProperty('claimed_client');
  expect(server.output()).not.toMatch(/wr0ng|s3cret/);
});

it('the audit log has one line for a block, and none for what is refused while it lasts', async () => {
  const { url } = await tokenForTest();
  const server = await serverForTest({ DATABASE_URL: url });
  const guess = () =>
    ask(server.origin, {
      headers: [...FORM, 'Authorization', basic('rs', 'wr0ng')],
      body: 'token=a',
    });
  for (let turn = 0; turn < 25; turn++) await guess();
  await ask(server.origin, { headers: FORM, body: 'token=a' });
  await eventually(() => server.log().some(({ fault }) => fault === 'no_credentials'));
  const events = server.log().map(({ event, fault }) => [event, fault]);
  const count = (event: string, fault?: string) =>
    events.filter((one) => one[0] === event && one[1] === fault).length;
  expect(count('refusal', 'wrong_secret')).toBe(20);
  expect(count('guessing')).toBe(1);
  expect(count('refusal', 'blocked')).toBe(0);
});
