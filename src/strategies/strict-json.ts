/** How deep a token's JSON may nest; real claims stay far below. */
const DEEPEST = 64;

/**
 * Parses a JSON object that leaves no room for two readings: no member name twice (RFC 7519 §4,
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
  return isUnambiguous(text) ? (value as Record<string, unknown>) : undefined;
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Walks the structure of a text that is known to be JSON. */
function isUnambiguous(text: string): boolean {
  // The member names of each open object; undefined for an open array.
  const open: (Set<string> | undefined)[] = [];
  let expectsName = false;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      if (open.length === DEEPEST) return false;
      open.push(token === '{' ? new Set() : undefined);
      expectsName = token === '{';
    } else if (token === '}' || token === ']') {
      open.pop();
      expectsName = false;
    } else if (token === ',') {
      expectsName = open.at(-1) !== undefined;
    } else if (token !== ':' && expectsName) {
      const names = open.at(-1)!;
      // Escapes make one name look like two.
      const name = JSON.parse(token) as string;
      if (names.has(name)) return false;
      names.add(name);
      expectsName = false;
    }
  }
  return true;
}
