import { describe, expect, it } from 'vitest';
import { LookUp } from '../../src/decision/look-up.js';
import { registered } from '../../src/decision/registered-strategy.js';
import { UNTRUSTED_ISSUER } from '../../src/model/introspection-strategy.js';
import type { Finding, IntrospectionStrategy } from '../../src/model/introspection-strategy.js';
import { NO_ROWS } from '../../src/persistence/rows.js';

const FOUND: Finding = { accepted: { origin: 'own', aud: [] } };

const begin = (token: string, strategies: readonly IntrospectionStrategy[]) =>
  new LookUp(
    token,
    undefined,
    strategies.map((one) => registered(one, undefined)),
  );
const finding = async (token: string, strategies: readonly IntrospectionStrategy[]) =>
  begin(token, strategies).meaning(NO_ROWS);

describe('A look-up', () => {
  it('has the first strategy that can begin it, and no other, before it is waited for', async () => {
    const asked: string[] = [];
    const lookUp = begin('token', [
      strategy(asked, 'plain'),
      strategy(asked, 'idle', { begins: false }),
      strategy(asked, 'first', { begins: true }),
      strategy(asked, 'second', { begins: true }),
    ]);
    expect(asked).toEqual(['idle declines token', 'first begins token']);
    asked.length = 0;
    expect(await lookUp.meaning(NO_ROWS)).toBeUndefined();
    expect(asked).toEqual([
      'plain finds token',
      'idle finds token',
      'first finishes',
      'second finds token',
    ]);
  });

  it.each<[string, Finding]>([
    ['accepts', FOUND],
    ['rejects', { rejected: 'withdrawn' }],
  ])('S4 ends with the strategy that %s the token', async (_what, found) => {
    const asked: string[] = [];
    const strategies = [
      strategy(asked, 'first'),
      strategy(asked, 'second', { begins: true, found }),
      strategy(asked, 'third', { found: FOUND }),
    ];
    expect(await finding('token', strategies)).toBe(found);
    expect(asked).toEqual(['second begins token', 'first finds token', 'second finishes']);
  });

  it('needs no strategy that can begin it', async () => {
    const asked: string[] = [];
    const strategies = [strategy(asked, 'first'), strategy(asked, 'second', { found: FOUND })];
    expect(await finding('token', strategies)).toBe(FOUND);
    expect(asked).toEqual(['first finds token', 'second finds token']);
  });

  it.each([
    ['started first', true],
    ['asked in its turn', undefined],
  ])('F5 goes on past an issuer that is not trusted, %s', async (_how, begins) => {
    const foreign = strategy([], 'jwt', { begins, found: UNTRUSTED_ISSUER });
    expect(await finding('token', [foreign, strategy([], 'second', { found: FOUND })])).toBe(FOUND);
    expect(await finding('token', [foreign, strategy([], 'second')])).toBe(UNTRUSTED_ISSUER);
    expect(await finding('token', [strategy([], 'first'), foreign])).toBe(UNTRUSTED_ISSUER);
  });

  it('A20 of a token that is not well formed asks nobody', async () => {
    const asked: string[] = [];
    const strategies = [strategy(asked, 'any', { begins: true, found: FOUND })];
    expect(await finding('\udcff', strategies)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('without strategies finds nothing', async () => {
    expect(await finding('token', [])).toBeUndefined();
  });
});

/** A host's strategy that notes what it is asked for; without `begins` it has no such method. */
function strategy(
  asked: string[],
  name: string,
  { begins, found }: { begins?: boolean | undefined; found?: Finding } = {},
): IntrospectionStrategy {
  const find = async (token: string) => {
    asked.push(`${name} finds ${token}`);
    return found;
  };
  if (begins === undefined) return { find };
  return {
    find,
    begin(token) {
      asked.push(`${name} ${begins ? 'begins' : 'declines'} ${token}`);
      if (!begins) return undefined;
      return async () => {
        asked.push(`${name} finishes`);
        return found;
      };
    },
  };
}
