/**
 * A failure that the operator can correct. Its message is one line that says what was wrong and what
 * to do; it never holds a secret.
 */
export class Failure extends Error {}

/** Any error in one line for the operator, without a stack trace. */
export function oneLine(error: unknown): string {
  if (error instanceof Failure) return error.message;
  return detailOf(error).replace(/\s*\n\s*/g, ' ');
}

/** An error's message. Node leaves it empty when two addresses of a host have failed; then the code. */
export function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return error.message || (typeof code === 'string' ? code : error.name);
}
