import { describe, expect, it, onTestFinished } from 'vitest';
import { ADAPTERS } from '../support/host.js';
import { FORM, basic } from '../support/http.js';
import { observed } from '../support/observed.js';
import { startWorld } from '../support/world.js';

const PROXY = '127.0.0.2';
const FORWARDED = 'X-Forwarded-For';

describe.each(ADAPTERS)('Where a request comes from, on %s', (adapter) => {
  /** Sends wrong secrets until they are refused. @returns what address they were counted for */
  const attack = async (
    { from, trustedProxies }: { from: string; trustedProxies: string[] },
    headersOf: (attempt: number) => readonly string[],
  ) => {
    const { providers, abuses } = observed();
    const world = await startWorld(adapter, {
      introspection: { limits: { failuresPerClient: 4 }, trustedProxies, providers },
    });
    onTestFinished(() => world.stop());
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const headers = [...FORM, ...headersOf(attempt), 'Authorization', basic('rs', 'wrong')];
      statuses.push((await world.send({ headers, body: 'token=x', from })).status);
    }
    return { statuses, addresses: abuses.map((abuse) => 'address' in abuse && abuse.address) };
  };
  const stopped = (address: string) => ({
    statuses: [401, 401, 401, 401, 429],
    addresses: [address],
  });
  const notStopped = { statuses: [401, 401, 401, 401, 401], addresses: [] };

  it.each([
    ['nobody is trusted', []],
    ['others are trusted', ['10.0.0.0/8', '127.0.0.3', '::1']],
  ])('a forged header is ignored where %s', async (_, trustedProxies) => {
    const outcome = await attack({ from: PROXY, trustedProxies }, (attempt) => [
      FORWARDED,
      `203.0.113.${attempt}`,
      'Forwarded',
      `for=203.0.113.${attempt}`,
      'X-Real-IP',
      `203.0.113.${attempt}`,
    ]);
    expect(outcome).toEqual(stopped(PROXY));
  });

  it.each<[string, (attempt: number) => string, string | undefined]>([
    ['the address that it forwards', () => '203.0.113.9', '203.0.113.9'],
    ['each address by itself', (attempt) => `203.0.113.${attempt}`, undefined],
    [
      'the last, whatever is before it',
      (attempt) => `198.51.100.${attempt}, 203.0.113.9`,
      '203.0.113.9',
    ],
    ['the last that is no proxy', () => '198.51.100.1, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['an IPv6 address by its network', (attempt) => `2001:db8::${attempt}`, '2001:db8:0:0::/64'],
    ['other networks by themselves', (attempt) => `2001:db8:0:${attempt}::1`, undefined],
    ['IPv4 in IPv6 as IPv4', () => '::ffff:203.0.113.9', '203.0.113.9'],
    ['B22 an address with a port', (attempt) => `203.0.113.9:${4000 + attempt}`, '203.0.113.9'],
    ['B22 addresses with ports by themselves', (attempt) => `203.0.113.${attempt}:4711`, undefined],
    ['B22 an address in quotes', (attempt) => `"203.0.113.9:${4000 + attempt}"`, '203.0.113.9'],
    ['B22 an IPv6 address in brackets', () => '[2001:db8::1]', '2001:db8:0:0::/64'],
    [
      'B22 an IPv6 address in quotes, in brackets and with a port',
      (attempt) => `"[2001:db8::${attempt}]:4711"`,
      '2001:db8:0:0::/64',
    ],
    [
      'B22 the last that is no proxy, with ports',
      (attempt) => `198.51.100.${attempt}:1, 203.0.113.9:2, "10.1.2.3:3"`,
      '203.0.113.9',
    ],
    [
      'B22 the proxy that has added what is no address',
      (attempt) => `203.0.113.${attempt}, _hidden${attempt}, 10.1.2.3`,
      '10.1.2.3',
    ],
    ['itself where it forwards rubbish', (attempt) => `unknown${attempt}`, PROXY],
    ['itself where it forwards nothing', () => '', PROXY],
  ])('a trusted proxy stands for %s', async (_, forwarded, address) => {
    const trustedProxies = [PROXY, '10.0.0.0/8'];
    const outcome = await attack({ from: PROXY, trustedProxies }, (attempt) => [
      FORWARDED,
      forwarded(attempt),
    ]);
    expect(outcome).toEqual(address === undefined ? notStopped : stopped(address));
  });

  it('of two headers the later is nearer', async () => {
    const trustedProxies = [PROXY];
    const outcome = await attack({ from: PROXY, trustedProxies }, (attempt) => [
      FORWARDED,
      `198.51.100.${attempt}`,
      FORWARDED,
      '203.0.113.9',
    ]);
    expect(outcome).toEqual(stopped('203.0.113.9'));
  });
});
