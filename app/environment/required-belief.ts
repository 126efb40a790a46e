import { hash } from 'node:crypto';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { parseCompactJws } from '../../src/jwt/compact-jws.js';
import { ConfiguredKeySource } from '../../src/jwt/configured-key-source.js';
import { JwtVerifier } from '../../src/jwt/jwt-verifier.js';
import { Failure } from '../failure.js';
import type { Environment } from './environment.js';
import { introspectionOptions } from './introspection-options.js';

/**
 * Verifies a JWT as the server does that has the same environment.
 * @throws Failure that gives the reason, when the server would not believe it
 */
export async function requireBelief(token: string, environment: Environment): Promise<void> {
  // The keys of other issuers say nothing of a token of this server's.
  const options = { ...introspectionOptions(environment), trustedIssuers: [] };
  const settings = new IntrospectionSettings(options);
  const verifier = new JwtVerifier(settings, new ConfiguredKeySource(settings));
  const digest = hash('sha256', token, 'base64');
  const verdict = await verifier.verdict(digest, () => parseCompactJws(token)!);
  if (verdict && !('rejected' in verdict)) return;
  const reason = verdict?.rejected ?? 'unrecognized';
  throw new Failure(
    `The server would not believe a token of the issuer ${environment.issuer} that is signed with this key ` +
      `(${reason}): correct ISSUER or the keys in JWKS_FILE.`,
  );
}
