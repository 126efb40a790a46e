/** How deep a token's JSON may nest; the claims that issuers use nest far less. */
const MOST_LEVELS = 64;

/**
 * Parses a JSON object that every parser reads in the same way: it has no member name twice (RFC 7519 §4,
 * RFC 7515 §4), at any depth, and no nesting that could exhaust a stack.
 *
 * @returns `undefined` for everything else.
 */
export function parseStrictObject(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // A member that is twice in the text is only once in the value.
  return membersOf(value, 1) === membersIn(text) ? (value as Record<string, unknown>) : undefined;
}

const JSON_STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/** How many members a valid JSON text has: each has one colon outside of strings. */
function membersIn(text: string): number {
  return text.replace(JSON_STRINGS, '').split(':').length - 1;
}

/** How many members a value has, at all depths; `NaN` when it nests too deep. */
function membersOf(value: object, depth: number): number {
  if (depth > MOST_LEVELS) return NaN;
  const members: unknown[] = Object.values(value);
  let count = Array.isArray(value) ? 0 : members.length;
  for (const member of members) {
    if (typeof member === 'object' && member !== null) count += membersOf(member, depth + 1);
  }
  return count;
}
