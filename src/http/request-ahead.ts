import { rawRequest } from './raw-request.js';
import type { HttpRequest } from './raw-request.js';
import { formAtHand } from './request-body.js';
import type { ReadAhead } from '../decision/read-ahead.js';
import type { IntrospectionService } from '../decision/introspection.service.js';

const AHEAD = Symbol('introspection read-ahead');
type Started = HttpRequest & { [AHEAD]?: ReadAhead };

/**
 * Begins to look up the token that a request asks about before its caller is known, so that one
 * query reads both. What is wrong with the request is said later, to callers alone.
 */
export function startAhead(request: HttpRequest, introspection: IntrospectionService): void {
  const form = formAtHand(rawRequest(request));
  const token = form?.peek('token');
  if (token === undefined) return;
  const hint = form!.peek('token_type_hint');
  try {
    (request as Started)[AHEAD] = introspection.readAhead({
      token,
      ...(hint === undefined ? {} : { token_type_hint: hint }),
    });
  } catch {
    // A hint that is not supported.
  }
}

/** The look-up that was begun for a request, if any. */
export function aheadOf(request: HttpRequest): ReadAhead | undefined {
  return (request as Started)[AHEAD];
}
