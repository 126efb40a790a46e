import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, networkOf } from '../../src/http/network-address.js';

describe('B22 An entry of X-Forwarded-For', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:47011', '203.0.113.9'],
    ['"203.0.113.9:47011"', '203.0.113.9'],
    [' 203.0.113.9 ', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['[::ffff:203.0.113.9]:80', '203.0.113.9'],
    ['2001:db8::17', '2001:db8::17'],
    ['[2001:db8::17]', '2001:db8::17'],
    ['[2001:db8::17]:47011', '2001:db8::17'],
    ['"[2001:db8::17]:47011"', '2001:db8::17'],
    ['"2001:db8::17"', '2001:db8::17'],
    ['', undefined],
    ['unknown', undefined],
    ['_gazonk', undefined],
    ['"_gazonk:80"', undefined],
    ['203.0.113.9:', undefined],
    ['203.0.113.9:port', undefined],
    ['203.0.113.9:123456', undefined],
    ['[203.0.113.9', undefined],
    ['203.0.113.256', undefined],
    ['"203.0.113.9', undefined],
    ['1', undefined],
    ['0x7f.1', undefined],
    ['127.1', undefined],
    ['203.0.113.9, 203.0.113.10', undefined],
    ['for=203.0.113.9', undefined],
  ])('%j names %s', (entry, address) => {
    expect(addressOf(entry)).toBe(address);
  });

  it('names an address in every way to write it, and never fails', () => {
    const port = fc.integer({ min: 0, max: 65_535 });
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV6(), port, (ipv4, ipv6, at) => {
        expect(addressOf(ipv4)).toBe(ipv4);
        for (const entry of [`${ipv4}:${at}`, `"${ipv4}"`, `"${ipv4}:${at}"`]) {
          expect(addressOf(entry)).toBe(ipv4);
        }
        const address = addressOf(ipv6);
        expect(address).toBeTypeOf('string');
        for (const entry of [`[${ipv6}]`, `[${ipv6}]:${at}`, `"[${ipv6}]:${at}"`]) {
          expect(addressOf(entry)).toBe(address);
        }
        expect(networkOf(address!)).toMatch(/^(\d+\.){3}\d+$|^([0-9a-f]{1,4}:){4}:\/64$/);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (entry) => {
        const address = addressOf(entry);
        if (address !== undefined) expect(networkOf(address)).toBeTypeOf('string');
      }),
    );
  });
});
