/**
 * Something that the operator can put right. The message is one line that says what was wrong and
 * what to do; it never holds a secret.
 */
export class Failure extends Error {}

/** What to tell the operator of any error: one line, without a stack trace. */
export function oneLine(error: unknown): string {
  if (error instanceof Failure) return error.message;
  return detailOf(error).replace(/\s*\n\s*/g, ' ');
}

/** An error's message, or, where that is empty, its code: Node leaves it so for two addresses. */
export function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return error.message || (typeof code === 'string' ? code : error.name);
}
