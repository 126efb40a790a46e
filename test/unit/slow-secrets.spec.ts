import { createHook } from 'node:async_hooks';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseBasicCredentials } from '../../src/clients/basic-credentials.js';
import type { Comparison } from '../../src/clients/client-authenticator.js';
import { hashSecret } from '../../src/clients/secret-hash.js';
import { basic } from '../support/http.js';
import { STORAGES, startInProcess } from '../support/in-process.js';
import { cheapScrypt } from '../support/scrypt.js';

const CHOSEN = { hash: cheapScrypt('chosen') };
const CHOSEN_ENCODED = { hash: cheapScrypt('p@ss') };
const GENERATED = { hash: hashSecret('generated') };

describe.each(STORAGES)('With storage asked by %s', (storage) => {
  let world: Awaited<ReturnType<typeof startInProcess>>;
  beforeEach(async () => {
    world = await startInProcess({ issuer: 'https://server.example.com/' }, storage);
    world.register('chooser', { secrets: [CHOSEN] });
    world.register('two', { secrets: [CHOSEN, CHOSEN_ENCODED] });
    world.register('encoded', { secrets: [CHOSEN_ENCODED] });
    world.register('generator', { secrets: [GENERATED] });
    world.register('both', { secrets: [GENERATED, CHOSEN] });
    world.register('disabled', { secrets: [GENERATED], enabled: false });
    world.register('disabled chooser', { secrets: [CHOSEN], enabled: false });
    world.register('none');
  });

  /** Who it is, and how many slow comparisons Node made to tell. */
  async function authenticate(clientId: string, secret: string, comparison?: Comparison) {
    let slow = 0;
    const hook = createHook({ init: (_id, type) => void (type === 'SCRYPTREQUEST' && slow++) });
    const credentials = parseBasicCredentials(basic(clientId, secret))!;
    hook.enable();
    const client = await world.authenticate(credentials, comparison);
    hook.disable();
    return [client?.clientId, slow];
  }

  describe('A chosen secret that is right', () => {
    it.each([
      ['alone', 'chooser', 'chosen', 1],
      ['beside a generated one', 'both', 'chosen', 1],
      ['beside another', 'two', 'chosen', 2],
      ['that is sent encoded', 'encoded', 'p@ss', 2],
    ])('%s is compared slowly the first time alone', async (_what, clientId, secret, first) => {
      expect(await authenticate(clientId, secret)).toEqual([clientId, first]);
      expect(await authenticate(clientId, secret)).toEqual([clientId, 0]);
    });

    it('is not waited for by a generated one', async () => {
      expect(await authenticate('both', 'generated')).toEqual(['both', 0]);
    });

    it('is let in where it has worked before, when those alone count', async () => {
      expect(await authenticate('chooser', 'chosen', 'known')).toEqual([undefined, 0]);
      expect(await authenticate('both', 'generated', 'known')).toEqual(['both', 0]);
      await authenticate('chooser', 'chosen');
      expect(await authenticate('chooser', 'chosen', 'known')).toEqual(['chooser', 0]);
      expect(await authenticate('chooser', 'wrong', 'known')).toEqual([undefined, 0]);
    });

    it('is refused when generated ones alone count', async () => {
      await authenticate('both', 'chosen');
      expect(await authenticate('both', 'chosen', 'generated')).toEqual([undefined, 0]);
      expect(await authenticate('both', 'generated', 'generated')).toEqual(['both', 0]);
    });
  });

  describe('B4 What is refused', () => {
    const refused: [string, string, string][] = [
      ['a wrong secret for a chosen one', 'chooser', 'wrong'],
      ['a wrong secret for a generated one', 'generator', 'wrong'],
      ['a wrong secret for both', 'both', 'wrong'],
      ['the secret of another', 'generator', 'chosen'],
      ['an unknown client', 'nobody', 'chosen'],
      ['a client without secrets', 'none', 'chosen'],
      ['a disabled client with its secret', 'disabled', 'generated'],
      ['a disabled client with a wrong one', 'disabled', 'wrong'],
    ];
    it.each(refused)('costs one slow comparison for %s', async (_what, clientId, secret) => {
      await authenticate('chooser', 'chosen');
      for (let time = 0; time < 2; time++) {
        expect(await authenticate(clientId, secret)).toEqual([undefined, 1]);
      }
    });

    it('costs one for a disabled client whose chosen secret has worked before', async () => {
      await authenticate('chooser', 'chosen');
      world.register('chooser', { secrets: [CHOSEN], enabled: false });
      expect(await authenticate('chooser', 'chosen')).toEqual([undefined, 1]);
      expect(await authenticate('chooser', 'chosen')).toEqual([undefined, 1]);
      expect(await authenticate('chooser', 'wrong')).toEqual([undefined, 1]);
    });

    it.each(['chooser', 'generator', 'disabled', 'none', 'nobody', 'no body', 'disabled chooser'])(
      'costs one for each reading of what %s sent encoded',
      async (clientId) => {
        await authenticate('chooser', 'chosen');
        expect(await authenticate(clientId, '100%')).toEqual([undefined, 2]);
      },
    );

    it('costs none where nobody has chosen a secret, or none is compared', async () => {
      for (const clientId of ['generator', 'nobody', 'none', 'disabled']) {
        expect(await authenticate(clientId, 'generated?')).toEqual([undefined, 0]);
      }
      await authenticate('chooser', 'chosen');
      for (const comparison of ['known', 'generated'] as const) {
        expect(await authenticate('nobody', 'wrong', comparison)).toEqual([undefined, 0]);
      }
    });
  });
});
