import { isUtf8 } from 'node:buffer';
import { parseStrictObject } from './strict-json.js';

/** A JSON Web Token as it was presented. Nothing in it is verified yet. */
export interface UnverifiedJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The bytes that are signed: the header and the payload as they are in the token. */
  readonly signingInput: string;
  readonly signature: Buffer;
}

/**
 * Parses a JWS Compact Serialization (RFC 7515 §3.1) whose payload is a claims set.
 * @returns `undefined` for everything else: other serializations, other encodings, ambiguous JSON.
 */
export function parseCompactJws(token: string): UnverifiedJwt | undefined {
  const parts = token.split('.', 4);
  if (parts.length !== 3) return undefined;
  const header = parsePart(parts[0]!);
  const claims = header && parsePart(parts[1]!);
  const signature = claims && decodePart(parts[2]!);
  if (!signature) return undefined;
  return { header, claims, signature, signingInput: token.slice(0, token.lastIndexOf('.')) };
}

function parsePart(part: string): Record<string, unknown> | undefined {
  const bytes = decodePart(part);
  return bytes && isUtf8(bytes) ? parseStrictObject(bytes.toString('utf8')) : undefined;
}

/** Decodes base64url in its canonical form alone, so that no changed token decodes to the same bytes. */
function decodePart(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
