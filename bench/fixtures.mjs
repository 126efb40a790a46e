// What the table holds, the load generator sends, and the answers must say.
export const ISSUER = 'https://sts.bench.example/';
export const AUDIENCE = 'https://api.bench.example/';
export const SCOPE = 'read write';
export const ISSUED_AT = 1_767_225_600;

/** Far ahead, because the tables are kept from run to run. */
export const EXPIRES_AT = 4_102_444_800;

export const CLIENT = {
  id: 'bench-resource-server',
  secret: 'bench-secret-0123456789-0123456789-01234567',
};

export const AUTHORIZATION = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`;

/** 43 characters, as 256 random bits have in base64url. The digits are the token's number. */
export function tokenText(number) {
  return TOKEN_PREFIX + String(number).padStart(TOKEN_DIGITS, '0');
}
export const TOKEN_PREFIX = 'bench-token-';
export const TOKEN_DIGITS = 31;

/** All subjects are of the same length, and so all answers are. */
export function subjectOf(number) {
  return `user-${String(number).padStart(8, '0')}`;
}
