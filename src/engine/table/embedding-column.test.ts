import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EmbeddingInfo } from '../../types.ts';
import { EmbeddingColumn } from './embedding-column.ts';

const info = (modelId: string, space = 's'): EmbeddingInfo => ({
  modelId,
  space,
  dimensions: 2,
  origin: 'engine',
});

describe('what the models have embedded', () => {
  it('is what the column says of each memory, after any changes, asked at any time', () => {
    const step = fc.record({
      ordinal: fc.nat(70),
      value: fc.option(
        fc.record({ modelId: fc.constantFrom('a', 'b', 'c'), space: fc.constantFrom('s', 't') }),
        { nil: undefined },
      ),
      isAsked: fc.boolean(),
      isCleared: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const column = new EmbeddingColumn();
        const model = new Map<number, EmbeddingInfo>();
        for (const { ordinal, value, isAsked, isCleared } of steps) {
          const given = value && info(value.modelId, value.space);
          if (isCleared) column.clear(ordinal);
          else column.set(ordinal, given);
          if (isCleared || given === undefined) model.delete(ordinal);
          else model.set(ordinal, given);
          if (isAsked) check(column, model);
        }
        check(column, model);
      }),
    );
  });

  it('counts MiniLM’s precisions as one model', () => {
    const column = new EmbeddingColumn();
    column.set(0, info('all-MiniLM-L6-v2@q8'));
    column.set(1, info('all-MiniLM-L6-v2@fp32'));
    expect(column.countOf('s', 'all-MiniLM-L6-v2')).toBe(2);
    expect(column.get(1)?.modelId).toBe('all-MiniLM-L6-v2@fp32');
  });

  it('names no more models than are asked for, and none that has no memory left', () => {
    const column = new EmbeddingColumn();
    for (let i = 0; i < 20; i++) column.set(i, info(`model ${i}`));
    column.clear(0);
    expect(column.namesOf('s', 3)).toEqual(['model 1', 'model 2', 'model 3']);
    expect(column.namesOf('t', 3)).toEqual([]);
  });
});

function check(column: EmbeddingColumn, model: ReadonlyMap<number, EmbeddingInfo>): void {
  for (const space of ['s', 't']) {
    const inSpace = [...model].filter(([, each]) => each.space === space);
    expect(column.sizeOf(space)).toBe(inSpace.length);
    for (const name of ['a', 'b', 'c']) {
      const members = column.membersOf(space, name);
      const found = Array.from({ length: 71 }, (_, i) => i).filter((ordinal) => members.has(ordinal));
      const expected = inSpace.filter(([, each]) => each.modelId === name).map(([ordinal]) => ordinal);
      expect(found).toEqual(expected.sort((a, b) => a - b));
      expect(column.countOf(space, name)).toBe(expected.length);
    }
    expect([...column.namesOf(space, 9)].sort()).toEqual(
      [...new Set(inSpace.map(([, { modelId }]) => modelId))].sort(),
    );
  }
}
