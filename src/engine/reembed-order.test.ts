import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usageValue } from '../lifecycle/eviction.ts';
import { AccessLog } from './access-log.ts';
import { ReembedOrder } from './reembed-order.ts';
import type { EngineState } from './state.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const NOW = 1_700_000_000_000;

/** An order of memories that were changed so many days ago and read so often and so many days ago. */
function orderOf(memories: readonly { changed: number; reads?: number; read?: number }[]): readonly number[] {
  const access = new AccessLog();
  memories.forEach(({ reads = 0, read = 0 }, ordinal) => {
    for (let i = 0; i < reads; i++) access.touch(ordinal, NOW - read * DAY_MS);
  });
  const field = (ordinal: number) => NOW - (memories[ordinal]?.changed ?? 0) * DAY_MS;
  const order = new ReembedOrder({ table: { field }, access } as unknown as EngineState, NOW);
  memories.forEach((_, ordinal) => {
    order.offer(ordinal);
  });
  expect(order.length).toBe(memories.length);
  return [...order.sorted()];
}

describe('the order of embedding anew', () => {
  it('begins with what is new or was read, and ends with the oldest and least used', () => {
    expect(
      orderOf([{ changed: 90 }, { changed: 1 }, { changed: 90, reads: 9, read: 2 }, { changed: 30 }]),
    ).toEqual([2, 1, 3, 0]);
  });

  it('takes what was added last first where nothing else tells them apart', () => {
    expect(orderOf(Array.from({ length: 2_000 }, () => ({ changed: 5 })))).toEqual(
      Array.from({ length: 2_000 }, (_, i) => 1_999 - i),
    );
  });

  it('has every memory once, by falling value', () => {
    const memory = fc.record({
      changed: fc.nat(400),
      reads: fc.nat(80),
      read: fc.nat(400),
    });
    fc.assert(
      fc.property(fc.array(memory, { maxLength: 40 }), (memories) => {
        const order = orderOf(memories);
        expect([...order].sort((a, b) => a - b)).toEqual(memories.map((_, i) => i));
        const values = order.map((ordinal) => {
          const { changed, reads, read } = memories[ordinal] ?? { changed: 0, reads: 0, read: 0 };
          const days = reads > 0 ? Math.min(changed, read) : changed;
          return usageValue({ accessCount: reads, lastUsedAt: NOW - days * DAY_MS }, NOW);
        });
        for (let i = 1; i < values.length; i++)
          expect((values[i - 1] ?? 0) - (values[i] ?? 0)).toBeGreaterThan(-2e-6);
      }),
    );
  });
});
