/** A value that is known now, or a promise of one that is known later. */
export type Soon<T> = T | PromiseLike<T>;

/** Whether the value is known only later. Code that waits for it must not delay other requests. */
export function isLater<T>(soon: Soon<T>): soon is PromiseLike<T> {
  return (
    typeof soon === 'object' &&
    soon !== null &&
    typeof (soon as Partial<PromiseLike<T>>).then === 'function'
  );
}

/** Calls the next step: at once where the value is known now, otherwise when its promise is fulfilled. */
export function whenKnown<T, Result>(
  soon: Soon<T>,
  step: (known: T) => Soon<Result>,
): Soon<Result> {
  return isLater(soon) ? soon.then(step) : step(soon);
}
