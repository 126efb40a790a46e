import { localKeySet } from '../jwt/key-set.js';
import type { KeySet, KeySource } from '../model/key-source.js';
import { whenKnown } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import type { TestSigningKey } from './test-signing-key.js';

/** The application's own key source, for whose every issuer the test's key may sign, too. */
export class KeySourceWithTestKey implements KeySource {
  readonly #testKey: KeySet;

  constructor(
    private readonly source: KeySource,
    private readonly key: Pick<TestSigningKey, 'kid' | 'jwks'>,
  ) {
    this.#testKey = localKeySet(key.jwks);
  }

  keySet(issuer: string): KeySet | undefined | Promise<KeySet | undefined> {
    const keySet: Soon<KeySet | undefined> = whenKnown(
      this.source.keySet(issuer),
      (keys) =>
        keys && {
          // No file is read, and nothing is fetched, for the test's key.
          find: (header) => (header.kid === this.key.kid ? this.#testKey : keys).find(header),
        },
    );
    return keySet as KeySet | undefined | Promise<KeySet | undefined>;
  }
}
