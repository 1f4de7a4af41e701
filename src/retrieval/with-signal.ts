/** A signal that is known only after recall, as it takes reading contents. */

import type { SignalName } from '../types.ts';
import { byPoints } from './ranking.ts';
import type { Recalled } from './recall.ts';

/** With one more signal, of some of those ranked; the others have 0. */
export function withSignal(
  recalled: Recalled,
  signal: SignalName,
  values: ReadonlyMap<number, number>,
): Recalled {
  const weight = recalled.weights[signal];
  const most = [...values.values()].reduce((max, value) => Math.max(max, value * weight), 0);
  const valueAt = (ordinal: number) => values.get(ordinal) ?? 0;
  return {
    ...recalled,
    ranked: recalled.ranked
      .map(({ ordinal, points }) => ({ ordinal, points: points + weight * valueAt(ordinal) }))
      .sort(byPoints),
    mostPoints: recalled.mostPoints + most,
    reasonsOf: (ordinal) => {
      const reasons = recalled.reasonsOf(ordinal);
      const value = valueAt(ordinal);
      return value === 0 ? reasons : { ...reasons, parts: [...reasons.parts, { signal, value, weight }] };
    },
  };
}
