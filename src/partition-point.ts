/** Binary search. */

/**
 * The first of some ascending places at which something no longer holds that holds at all before it; `length` where
 * it holds at all of them.
 *
 * @example
 * const names = ['ana', 'bo', 'eve'];
 * partitionPoint(names.length, (place) => names[place] < 'carl'); // 2
 */
export function partitionPoint(length: number, holds: (place: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
