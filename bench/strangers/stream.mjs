import { unusedAddress } from './addresses.mjs';
import { connect } from './connection.mjs';
import { BLOCKED } from './kinds.mjs';

/** Wrong secrets after which a client is blocked where they came from, and a few more. */
const FAILURES = 25;

/** Addresses that are blocked, so that each has ports enough for its connections. */
const BLOCKED_ADDRESSES = 20;

/**
 * Strangers who come one after the other, some at a time, each from an address of his own.
 * @param {import('./kinds.mjs').Kind} kind
 * @param {() => string} addresses
 * @param {{ atOnce: number, until?: number, isOver: () => boolean }} extent `until` is when a visit must
 *   come to its end, in milliseconds since the epoch
 */
export async function stream(kind, server, tally, addresses, { atOnce, until, isOver }) {
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (!isOver()) await kind.visit(kind, { server, address: addresses(), tally, until });
    }),
  );
}

/** Where strangers come from. Some are blocked there first. @returns {Promise<() => string>} */
export async function addressesFor(kind, server) {
  if (!kind.blocked) return unusedAddress;
  const addresses = Array.from({ length: BLOCKED_ADDRESSES }, unusedAddress);
  for (const address of addresses) await block(server, address);
  let at = 0;
  return () => addresses[at++ % addresses.length];
}

/** Guesses until the client is blocked that BLOCKED names. */
export async function block(server, address) {
  const connection = await connect(server, address, () => {});
  for (let failure = 0; failure < FAILURES; failure++) await connection.ask(BLOCKED, 1);
  connection.end();
}
