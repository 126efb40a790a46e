import type { Strategy } from 'passport';

/**
 * Has a Passport strategy authenticate a request, as `passport.authenticate` does: on a copy of the
 * strategy that carries this request's outcome. Passport's middleware and @nestjs/passport's guard
 * around it are made for sessions, redirects and many strategies; they cost a fifth of an answer.
 *
 * @returns the user; `undefined` when the strategy refuses. @throws what the strategy could not do.
 */
export function runStrategy<User>(strategy: Strategy, request: object): Promise<User | undefined> {
  return new Promise((resolve, reject) => {
    const run = Object.create(strategy) as StrategyRun<User>;
    run.success = resolve;
    run.fail = () => resolve(undefined);
    run.error = reject;
    run.authenticate(request);
  });
}

/** What a strategy finds on itself (Passport, "Developing strategies"). */
interface StrategyRun<User> {
  authenticate(request: object): void;
  success(user: User): void;
  fail(): void;
  error(failure: unknown): void;
}
