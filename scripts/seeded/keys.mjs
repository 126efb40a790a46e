/** Faults in whose keys are trusted, and in how long a JWT stays revoked. */
export const KEY_FAULTS = [
  {
    name: 'a key for encryption that verifies',
    file: 'src/jwt/key-set.ts',
    from: "operations.includes('verify') ||",
    to: 'operations.length > 0 ||',
    tests: 'key-sets',
  },
  {
    name: 'an issuer that is not trusted, of which no other strategy is asked',
    file: 'src/decision/look-up.ts',
    from: 'found !== undefined && found !== UNTRUSTED_ISSUER',
    to: 'found !== undefined',
    tests: 'look-up',
  },
  {
    name: 'a revocation by jti that ends with its token',
    file: 'src/jwt/revocation-end.ts',
    from: 'return Math.max(end, Math.ceil(Date.now() / 1000) + KEPT_BY_JTI);',
    to: 'return end;',
    tests: 'd-revocations',
  },
  {
    name: 'a purge without a margin',
    file: 'src/schema/purge.ts',
    from: 'const KEPT_FOR = 86_400;',
    to: 'const KEPT_FOR = 0;',
    tests: 'd-revocations repositories',
  },
];
