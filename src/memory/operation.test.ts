import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EmbeddingInfo } from '../types.ts';
import { apply, historyEntryOf, type MemoryState, type Operation, sizeOf } from './operation.ts';
import { parseNewMemory } from './record.ts';

const id = '0190163d-8694-739b-aea5-966c26f8ad91';
const embedding: EmbeddingInfo = { modelId: 'm', space: 's', dimensions: 2, origin: 'engine' };
const vector = Float32Array.of(1, 0);

const add = (seq: number): Operation => ({
  type: 'add',
  id,
  seq,
  at: 100,
  opId: `call-${seq}`,
  ordinal: 7,
  fields: parseNewMemory({ content: 'Ana lives in Lisbon', speaker: 'Bo' }, 50).fields,
  embedding,
  vector,
});
const rename = (seq: number, speaker: string | undefined): Operation => ({
  type: 'update',
  id,
  seq,
  at: 200,
  opId: `call-${seq}`,
  after: { speaker },
  before: { speaker: 'Bo' },
});
const remove = (seq: number): Operation => ({
  type: 'delete',
  id,
  seq,
  at: 300,
  opId: `call-${seq}`,
  ordinal: 7,
  reason: 'request',
});
const embed = (seq: number): Operation => ({
  type: 'embed',
  id,
  seq,
  at: 250,
  opId: `call-${seq}`,
  embedding: { ...embedding, space: 'other' },
  vector: Float32Array.of(0, 1),
});

const fold = (operations: readonly Operation[], from?: MemoryState) => operations.reduce(apply, from);

describe('the log', () => {
  it('makes a memory of an add', () => {
    const state = fold([add(1)]);
    expect(state).toMatchObject({ ordinal: 7, seq: 1, content: 'Ana lives in Lisbon', vector });
    expect(state?.record).toMatchObject({ id, revision: 1, updatedAt: 100, createdAt: 50, embedding });
    expect(state && sizeOf(state)).toBe('Ana lives in Lisbon'.length + '{}'.length + 8);
  });

  it('changes only the fields an update names, and clears one that is set to undefined', () => {
    const state = fold([add(1), rename(2, undefined)]);
    expect(state?.record).toMatchObject({ revision: 2, updatedAt: 200, source: 'unknown' });
    expect(state?.record.speaker).toBeUndefined();
    expect(state?.content).toBe('Ana lives in Lisbon');
  });

  it('replaces the vector by an embed without making a new revision', () => {
    const state = fold([add(1), embed(2)]);
    expect(state?.record).toMatchObject({ revision: 1, embedding: { space: 'other' } });
    expect(state?.vector).toEqual(Float32Array.of(0, 1));
  });

  it('ends a memory by a delete, and nothing after it brings the memory back', () => {
    expect(fold([add(1), remove(2), rename(3, 'Cy'), embed(4)])).toBeUndefined();
  });

  it('never changes the state it was given', () => {
    const state = fold([add(1)]);
    const before = structuredClone(state);
    fold([rename(2, 'Cy'), embed(3), remove(4)], state);
    expect(state).toEqual(before);
  });

  it('comes to the same state when any part of it is applied again', () => {
    const kinds = fc.array(fc.constantFrom('rename', 'embed', 'remove'), { maxLength: 12 });
    fc.assert(
      fc.property(kinds, fc.nat(), (names, cut) => {
        const log = [
          add(1),
          ...names.map(
            (name, i) =>
              ({ rename: rename(i + 2, `s${i}`), embed: embed(i + 2), remove: remove(i + 2) })[name],
          ),
        ].filter((operation) => operation !== undefined);
        const once = fold(log);
        const again = log.slice(cut % log.length).filter(({ type }) => type !== 'add');
        expect(fold(again, once)).toEqual(once);
      }),
    );
  });
});

describe('history', () => {
  it('tells what an update changed, before and after', () => {
    expect(historyEntryOf(rename(2, 'Cy'))).toEqual({
      seq: 2,
      at: 200,
      opId: 'call-2',
      type: 'update',
      changes: { speaker: { before: 'Bo', after: 'Cy' } },
    });
  });

  it('tells that a memory was deleted, and not what it was', () => {
    expect(historyEntryOf(remove(3))?.changes).toEqual({});
  });

  it('does not count a new vector as a change', () => {
    expect(historyEntryOf(embed(3))).toBeUndefined();
  });
});
