/** A value that is known now, or later. */
export type Soon<T> = T | PromiseLike<T>;

/** Whether it is known only later: what waits for it must not hold up anything else. */
export function isLater<T>(soon: Soon<T>): soon is PromiseLike<T> {
  return (
    typeof soon === 'object' &&
    soon !== null &&
    typeof (soon as Partial<PromiseLike<T>>).then === 'function'
  );
}

/** Goes on with a value at once where it is known now. */
export function whenKnown<T, Result>(
  soon: Soon<T>,
  step: (known: T) => Soon<Result>,
): Soon<Result> {
  return isLater(soon) ? soon.then(step) : step(soon);
}
