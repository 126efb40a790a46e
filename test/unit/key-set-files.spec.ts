import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { ConfiguredKeySource } from '../../src/jwt/configured-key-source.js';
import { KeySetFile } from '../../src/jwt/key-set-file.js';
import { isLater } from '../../src/model/soon.js';
import { signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';

afterEach(() => void vi.useRealTimers());

const setOf = (...keys: SigningKey[]) => JSON.stringify({ keys: keys.map((key) => key.public) });
const header = ({ alg, kid }: SigningKey) => ({ alg, kid });
const POLL = { timeout: 20_000 };

/** A file in a folder of its own. Its times are always the same. */
async function fileForTest(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'jwks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'jwks.json');
  const write = async (content: string) => {
    await writeFile(file, content);
    await utimes(file, 1, 1);
  };
  await write(text);
  return { file, write };
}

async function keySetForTest(text: string) {
  const { file, write } = await fileForTest(text);
  const keySet = new KeySetFile(file);
  onTestFinished(() => keySet.close());
  const has = async (key: SigningKey) => (await keySet.find(header(key))).length > 0;
  return { file, write, keySet, has };
}

describe('The keys in a file', () => {
  it('F13 are those of a file that was replaced, whatever its times say', async () => {
    const [old, fresh] = [await signingKey('ES256'), await signingKey('ES256')];
    const { write, has } = await keySetForTest(setOf(old));
    expect(await has(old)).toBe(true);
    await write(setOf(fresh));
    await expect.poll(() => has(fresh), POLL).toBe(true);
    expect(await has(old)).toBe(false);
    await write(setOf(old));
    await expect.poll(() => has(old), POLL).toBe(true);
    expect(await has(fresh)).toBe(false);
  });

  it.each([-3600, 3600])('F13 are read again after the clock went by %d s', async (step) => {
    const [old, fresh] = [await signingKey('ES256'), await signingKey('ES256')];
    const { write, has } = await keySetForTest(setOf(old));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + step * 1000 });
    await write(setOf(fresh));
    await expect.poll(() => has(fresh), POLL).toBe(true);
    expect(await has(old)).toBe(false);
  });

  it('are there without a look at the file, whatever the time is', async () => {
    const key = await signingKey('ES256');
    const { keySet, has } = await keySetForTest(setOf(key));
    expect(await has(key)).toBe(true);
    for (const step of [-3600, 0, 1, 3600]) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + step * 1000 });
      expect(isLater(keySet.find(header(key)))).toBe(false);
    }
  });

  it('stay as they are while the file cannot be used, and each fault is logged once', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    const [old, fresh] = [await signingKey('ES256'), await signingKey('ES256')];
    const { file, write, keySet, has } = await keySetForTest(setOf(old));
    /** Lets seconds pass until it is so. */
    const eventually = (question: () => unknown) =>
      expect
        .poll(async () => {
          vi.advanceTimersByTime(1000);
          await readFile(file).catch(() => undefined);
          return question();
        }, POLL)
        .toBe(true);
    const pass = async (seconds: number) => {
      let left = seconds;
      await eventually(() => --left === 0);
    };
    const faults: [RegExp, () => Promise<void>][] = [
      [/ was not read again: it is not JSON\.$/, () => write('TOP-SECRET {')],
      [/ was not read again: it is not a JWK Set/, () => write('{"keys":1}')],
      [/ was not read again: ENOENT/, () => rm(file)],
      [/ was not read again: it is not JSON\.$/, () => write('')],
    ];
    for (const [at, [message, cause]] of faults.entries()) {
      await cause();
      await eventually(() => warn.mock.calls.length > at);
      expect(warn.mock.lastCall![0]).toMatch(message);
      expect(warn.mock.lastCall![0]).toContain(file);
      await pass(5);
      expect(await has(old)).toBe(true);
    }
    expect(warn).toHaveBeenCalledTimes(faults.length);
    expect(JSON.stringify(warn.mock.calls)).not.toContain('TOP-SECRET');
    // A fault that comes again after it was mended is another one.
    await write(setOf(fresh));
    await eventually(() => has(fresh));
    await write('');
    await eventually(() => warn.mock.calls.length === faults.length + 1);
    await write(setOf(fresh));
    await pass(5);
    expect(await has(fresh)).toBe(true);
    // While the file stays the same, so do the keys, and signatures that they have verified are remembered.
    const [held] = await keySet.find(header(fresh));
    const readAt = keySet.readAt;
    await eventually(() => keySet.readAt > readAt);
    expect((await keySet.find(header(fresh)))[0]).toBe(held);
  });

  it('are read until the application is closed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { file } = await fileForTest(setOf(await signingKey('ES256')));
    const jwks = { file };
    const trustedIssuers = [{ issuer: 'https://trusted.example', jwks }];
    const settings = new IntrospectionSettings({ issuer: 'i', jwks, trustedIssuers });
    const context = await NestFactory.createApplicationContext(
      {
        module: class Keys {},
        providers: [{ provide: IntrospectionSettings, useValue: settings }, ConfiguredKeySource],
      },
      { logger: false },
    );
    expect(vi.getTimerCount()).toBe(2);
    await context.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
