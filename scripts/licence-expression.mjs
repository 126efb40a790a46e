/** Licences (SPDX) that only require us to keep their text. */
const ALLOWED_LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
]);

/**
 * Whether an SPDX expression permits it: with OR one permitted licence is enough, with AND all must be,
 * and AND binds closer. An exception (WITH) is not in the list, and what cannot be read is refused.
 */
export function isAllowed(expression) {
  const words = (expression ?? '').match(/[()]|[^\s()]+/g) ?? [];
  let isReadable = true;
  const isPermitted = either();
  return isPermitted && isReadable && words.length === 0;

  function either() {
    let permitted = both();
    while (take('OR')) permitted = both() || permitted;
    return permitted;
  }

  function both() {
    let permitted = one();
    while (take('AND')) permitted = one() && permitted;
    return permitted;
  }

  function one() {
    if (take('(')) {
      const permitted = either();
      isReadable &&= take(')');
      return permitted;
    }
    isReadable &&= words.length > 0;
    return ALLOWED_LICENCES.has(words.shift());
  }

  function take(word) {
    return words[0] === word && words.shift() !== undefined;
  }
}
