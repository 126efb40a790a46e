import { createHook } from 'node:async_hooks';
import { scryptSync } from 'node:crypto';
import { onTestFinished } from 'vitest';

/** The stored form of a chosen secret that was imported: any cost, by default next to none. */
export function cheapScrypt(secret: string, { ln, r, p } = { ln: 4, r: 1, p: 1 }): string {
  const salt = Buffer.from('salt');
  const hash = scryptSync(secret, salt, 32, { N: 2 ** ln, r, p });
  const phc = [salt, hash].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$scrypt$ln=${ln},r=${r},p=${p}$${phc.join('$')}`;
}

/** Counts the slow comparisons that this process makes, for one test. */
export function countComparisons() {
  const count = { begun: 0 };
  const hook = createHook({
    init: (_id, type) => void (type === 'SCRYPTREQUEST' && count.begun++),
  }).enable();
  onTestFinished(() => void hook.disable());
  return count;
}
