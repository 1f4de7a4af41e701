import { describe, expect, it } from 'vitest';
import { createIdSource, isMemoryId } from './ids.ts';

const zeros = (length: number) => new Uint8Array(length);

describe('ids', () => {
  it('are UUIDv7', () => {
    expect(isMemoryId(createIdSource(() => 1_700_000_000_000, zeros)())).toBe(true);
  });

  it('ascend within one millisecond, and when the clock steps back', () => {
    const times = [1_000, 1_000, 1_000, 999, 500, 1_001];
    const newId = createIdSource(() => times.shift() ?? 2_000, zeros);
    const ids = Array.from({ length: 8 }, newId);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are told from other strings', () => {
    for (const other of ['', 'x', '123e4567-e89b-42d3-a456-426614174000', 7, undefined])
      expect(isMemoryId(other)).toBe(false);
  });
});
