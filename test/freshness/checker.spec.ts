import { describe, expect, it } from 'vitest';
import { raced, violations } from './checker.js';
import type { Call, Change, Question, Reply, Write } from './history.js';

type Event = Call | Write;

const call = (began: number, ended: number, reply: Reply, other: Partial<Question> = {}): Call => ({
  token: 'token',
  owner: 'owner',
  caller: 'caller',
  secret: 'secret',
  ...other,
  reply,
  began,
  ended,
});
const write =
  (change: Change) =>
  (began: number, ended: number): Write => ({ ...change, began, ended });
const revoke = write({ kind: 'revoke', token: 'token' });
const rotate = write({ kind: 'rotate', retires: 'secret' });
const disable = write({ kind: 'disable', client: 'owner' });
const enable = write({ kind: 'enable', client: 'owner' });
const disableCaller = write({ kind: 'disable', client: 'caller' });

const recorded = (events: readonly Event[]) => ({
  calls: events.filter((event) => 'reply' in event),
  writes: events.filter((event) => 'kind' in event),
});

const GOOD: [string, ...Event[]][] = [
  ['active before the revocation', call(1, 2, 'active'), revoke(3, 4)],
  ['inactive after it', revoke(1, 2), call(3, 4, 'inactive')],
  ['active while it is under way', revoke(1, 5), call(2, 3, 'active')],
  ['inactive while it is under way', revoke(1, 5), call(2, 3, 'inactive')],
  ['active, begun before it was acknowledged', revoke(1, 3), call(2, 9, 'active')],
  ['active beside inactive', revoke(1, 9), call(2, 5, 'inactive'), call(4, 6, 'active')],
  ['another token', revoke(1, 2), call(3, 4, 'active', { token: 'other' })],
  ['inactive while disabled', disable(1, 2), call(3, 4, 'inactive'), enable(5, 6)],
  ['active, begun before the disabling', disable(2, 3), call(1, 4, 'active')],
  ['active, ended after the enabling', disable(1, 2), call(3, 5, 'active'), enable(4, 6)],
  ['active when enabled again', disable(1, 2), enable(3, 4), call(5, 6, 'active')],
  [
    'active after an answer that the disabling explains',
    revoke(1, 20),
    disable(2, 3),
    call(4, 5, 'inactive'),
    enable(6, 7),
    call(8, 9, 'active'),
  ],
  ['refused after the rotation', rotate(1, 2), call(3, 4, 'refused')],
  ['refused while it is under way', rotate(1, 4), call(2, 3, 'refused')],
  ['accepted, begun before it was acknowledged', rotate(1, 3), call(2, 9, 'active')],
  ['refused while the caller is disabled', disableCaller(1, 2), call(3, 4, 'refused')],
];

const BAD: [string, ...Event[]][] = [
  ['active after its revocation', revoke(1, 2), call(3, 4, 'active')],
  ['active after its revocation', revoke(1, 9), call(2, 3, 'inactive'), call(4, 5, 'active')],
  ['active though its client was disabled', disable(1, 2), call(3, 4, 'active')],
  ['active though its client was disabled', disable(1, 2), call(3, 4, 'active'), enable(5, 6)],
  [
    'active though its client was disabled',
    disable(1, 2),
    enable(3, 4),
    disable(5, 6),
    call(7, 8, 'active'),
    enable(9, 10),
  ],
  ['accepted with a secret that was rotated away', rotate(1, 2), call(3, 4, 'active')],
  ['accepted with a secret that was rotated away', rotate(1, 2), call(3, 4, 'inactive')],
  [
    'accepted with a secret that was rotated away',
    rotate(1, 9),
    call(2, 3, 'refused'),
    call(4, 5, 'active'),
  ],
  ['accepted from a disabled client', disableCaller(1, 2), call(3, 4, 'active')],
  ['inactive for nothing', call(1, 2, 'inactive'), revoke(3, 4)],
  ['inactive for nothing', disable(1, 2), enable(3, 4), call(5, 6, 'inactive')],
  ['refused for nothing', call(1, 2, 'refused'), rotate(3, 4)],
  ['refused for nothing', revoke(1, 2), call(3, 4, 'refused')],
  ['failed', call(1, 2, 'failed')],
];

describe('The checker of histories', () => {
  it.each(GOOD)('allows: %s', (_, ...events) => {
    expect(violations(recorded(events))).toEqual([]);
  });

  it.each(BAD)('finds: %s', (wrong, ...events) => {
    expect(violations(recorded(events))).toEqual([expect.stringMatching(`^${wrong}: `)]);
  });

  it('tells which calls were under way during a write that concerns them', () => {
    const before = call(1, 2, 'active');
    const during = call(4, 5, 'active');
    const across = call(2, 9, 'inactive');
    const after = call(7, 8, 'inactive');
    const other = call(4, 5, 'active', { token: 'other' });
    const history = recorded([before, during, across, after, other, revoke(3, 6)]);
    expect(raced(history)).toEqual([during, across]);
  });
});
