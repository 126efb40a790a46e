import type { TrustedIssuer } from '../../src/config/introspection.options.js';
import { nearName } from '../../src/config/did-you-mean.js';
import { isFetchable } from '../../src/config/jwks-rules.js';
import { jsonFault } from './json-fault.js';
import { FETCHABLE_URL, Wrong, isIssuer, path } from './kinds.js';
import type { Kind } from './kinds.js';

const MEMBERS = ['issuer', 'jwks_uri', 'jwks_file'];

/** Other issuers, each with the one place where its keys are. */
export const trustedIssuers: Kind<readonly TrustedIssuer[]> = {
  mustBe:
    'JSON: [{"issuer": "…", "jwks_uri": "…"}], or with "jwks_file" in the place of "jwks_uri"',
  fromText: (given) => (jsonFault(given) ? undefined : (JSON.parse(given) as unknown)),
  check: (value, folder) => {
    if (!Array.isArray(value)) return undefined;
    const issuers: TrustedIssuer[] = [];
    for (const [index, entry] of (value as unknown[]).entries()) {
      const issuer = trustedIssuer(entry, folder);
      if (typeof issuer === 'string') return new Wrong(`number ${index + 1} ${issuer}`);
      issuers.push(issuer);
    }
    return issuers;
  },
};

/** @returns what is wrong with it, when something is */
function trustedIssuer(entry: unknown, folder: string): TrustedIssuer | string {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'is no object';
  const { issuer, jwks_uri: uri, jwks_file: file, ...others } = entry as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    const meant = nearName(other, MEMBERS);
    return meant ? `must have no "${other}": did you mean "${meant}"?` : 'has another member';
  }
  if (!isIssuer(issuer)) return 'must have an "issuer", an issuer identifier';
  if ((uri === undefined) === (file === undefined)) {
    return 'must have one of "jwks_uri" and "jwks_file"';
  }
  if (file === undefined) {
    return isFetchable(uri)
      ? { issuer, jwks: { url: uri } }
      : `has a "jwks_uri" that must be ${FETCHABLE_URL}`;
  }
  const absolute = path.check(file, folder);
  return typeof absolute === 'string'
    ? { issuer, jwks: { file: absolute } }
    : `has a "jwks_file" that must be ${path.mustBe}`;
}
