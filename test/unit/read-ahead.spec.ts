import { describe, expect, it } from 'vitest';
import type { Finding, IntrospectionStrategy } from '../../src/model/introspection-strategy.js';
import { ReadAhead } from '../../src/decision/read-ahead.js';

const FOUND: Finding = { accepted: { origin: 'own', aud: [] } };

describe('A look-up', () => {
  it('has the first strategy that can start it, and no other, before it is waited for', async () => {
    const asked: unknown[] = [];
    const [plain, idle, first, second] = [
      strategy(asked, 'plain'),
      strategy(asked, 'idle', { starts: undefined }),
      strategy(asked, 'first', { starts: null }),
      strategy(asked, 'second', { starts: 'rows' }),
    ];
    const ahead = new ReadAhead('token', [plain, idle, first, second]);
    expect(asked).toEqual(['idle starts token', 'first starts token']);
    asked.length = 0;
    expect(await ahead.finding()).toBeUndefined();
    expect(asked).toEqual([
      ['plain', 'token', undefined],
      ['idle', 'token', undefined],
      ['first', 'token', null],
      ['second', 'token', undefined],
    ]);
  });

  it.each<[string, Finding]>([
    ['accepts', FOUND],
    ['rejects', { rejected: 'withdrawn' }],
  ])('S4 ends with the strategy that %s the token', async (_what, finding) => {
    const asked: unknown[] = [];
    const strategies = [
      strategy(asked, 'first'),
      strategy(asked, 'second', { starts: 'rows', finding }),
      strategy(asked, 'third', { finding: FOUND }),
    ];
    expect(await new ReadAhead('token', strategies).finding()).toBe(finding);
    expect(asked).toEqual([
      'second starts token',
      ['first', 'token', undefined],
      ['second', 'token', 'rows'],
    ]);
  });

  it('needs no strategy that can start it', async () => {
    const asked: unknown[] = [];
    const strategies = [strategy(asked, 'first'), strategy(asked, 'second', { finding: FOUND })];
    expect(await new ReadAhead('token', strategies).finding()).toBe(FOUND);
    expect(asked).toEqual([
      ['first', 'token', undefined],
      ['second', 'token', undefined],
    ]);
  });

  it('A20 of a token that is not well formed asks nobody', async () => {
    const asked: unknown[] = [];
    const strategies = [strategy(asked, 'any', { starts: 'rows', finding: FOUND })];
    expect(await new ReadAhead('\udcff', strategies).finding()).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('without strategies finds nothing', async () => {
    expect(await new ReadAhead('token', []).finding()).toBeUndefined();
  });
});

/** A host's strategy that notes what it is asked for; without `starts` it has no `readAhead`. */
function strategy(
  asked: unknown[],
  name: string,
  { finding, ...can }: { starts?: unknown; finding?: Finding } = {},
): IntrospectionStrategy {
  const find = async (token: string, ahead?: unknown) => {
    asked.push([name, token, ahead]);
    return finding;
  };
  if (!('starts' in can)) return { find };
  const readAhead = (token: string) => {
    asked.push(`${name} starts ${token}`);
    return can.starts;
  };
  return { find, readAhead };
}
