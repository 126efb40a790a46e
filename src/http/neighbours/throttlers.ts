import type { Type } from '@nestjs/common';

/** The injection token of the options of `@nestjs/throttler`, and what its decorators write, before a throttler's name. */
export const THROTTLER_OPTIONS = 'THROTTLER:MODULE_OPTIONS';
const SKIP = 'THROTTLER:SKIP';
const LIMIT = 'THROTTLER:LIMIT';

/**
 * Marks the endpoint as one that the application's throttlers skip, as `@SkipThrottle()` does. A throttler
 * counts all requests of an address, and a resource server asks hundreds of times a second; the endpoint
 * has limits of its own, on failures. What the host's own decorators say of a throttler stands.
 *
 * @param options what the application has given `ThrottlerModule`
 */
export function skipThrottlers(endpoint: Type, options: unknown): void {
  const handler = (endpoint.prototype as { introspect: object }).introspect;
  for (const name of throttlerNames(options)) {
    if (Reflect.hasMetadata(LIMIT + name, handler)) continue;
    Reflect.defineMetadata(SKIP + name, true, endpoint);
  }
}

interface Throttler {
  readonly name?: string;
}

function throttlerNames(options: unknown): string[] {
  const { throttlers = options } = (options ?? {}) as { throttlers?: unknown };
  if (!Array.isArray(throttlers)) return [];
  return (throttlers as Throttler[]).map(({ name }) => name ?? 'default');
}
