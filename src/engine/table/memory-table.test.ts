import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemoryState } from '../../memory/operation.ts';
import { decodeRecord, encodeRecord } from '../blocks/record-row.ts';
import { MemoryTable } from './memory-table.ts';
import { UuidIndex } from './uuid-column.ts';

const uuid = fc.uuid({ version: 7 });
const time = fc.integer({ min: 0, max: 2 ** 45 });
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const word = fc.constantFrom('a', 'b', 'Ünï', '東京', '😀');

const record = fc.record({
  id: uuid,
  kind: fc.constantFrom('episodic' as const, 'semantic' as const, 'procedural' as const),
  tier: fc.constantFrom('working' as const, 'longterm' as const),
  priority: fc.constantFrom('medium' as const, 'critical' as const),
  importance: fc.double({ min: 0, max: 1, noNaN: true }),
  tags: fc.array(word, { maxLength: 3 }),
  agentId: optional(word),
  sessionId: optional(word),
  position: optional(fc.nat()),
  speaker: optional(word),
  externalId: optional(fc.string({ minLength: 1, maxLength: 5 })),
  source: word,
  createdAt: time,
  validFrom: optional(time),
  expiresAt: optional(time),
  legalHold: fc.boolean(),
  related: fc.array(fc.record({ id: uuid, strength: fc.double({ min: 0, max: 1, noNaN: true }) }), {
    maxLength: 2,
  }),
  cost: optional(fc.record({ project: word, amount: fc.nat() })),
  dataVolumeGb: optional(fc.nat()),
  metadata: fc.dictionary(fc.constantFrom('x', 'y'), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
  updatedAt: time,
  revision: fc.integer({ min: 1, max: 9 }),
  embedding: optional(
    fc.record({
      modelId: word,
      space: word,
      dimensions: fc.integer({ min: 1, max: 9 }),
      origin: fc.constantFrom('engine' as const, 'host' as const),
    }),
  ),
});

const states: fc.Arbitrary<Omit<MemoryState, 'ordinal'>> = fc.record({
  record: record.map((each) => withoutUndefined(JSON.parse(JSON.stringify(each)))) as unknown as fc.Arbitrary<
    MemoryState['record']
  >,
  content: fc.constant(undefined),
  vector: fc.constant(undefined),
  contentBytes: fc.nat(32_768),
  metadataBytes: fc.nat(16_384),
  seq: fc.integer({ min: 1 }),
  added: fc.record({ seq: fc.nat(), at: time, opId: fc.oneof(uuid, fc.constantFrom('import-1', 'ABC')) }),
});

function withoutUndefined(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}

/** Fields that are absent and fields that are undefined say the same. */
const plain = (state: MemoryState | undefined) => JSON.parse(JSON.stringify(state ?? null)) as unknown;

describe('the table of memories', () => {
  it('gives back every memory as it was put, and nothing of those taken out', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(states, fc.boolean()), { maxLength: 20 }), (given) => {
        const table = new MemoryTable();
        const model = new Map<number, MemoryState>();
        const ids = new Set<string>();
        given.forEach(([each, isRemoved], ordinal) => {
          if (ids.has(each.record.id)) return;
          ids.add(each.record.id);
          const state = { ...each, ordinal };
          table.set(state);
          model.set(ordinal, state);
          if (!isRemoved) return;
          table.remove(ordinal);
          model.delete(ordinal);
        });
        expect(table.size).toBe(model.size);
        expect([...table.ordinals()]).toEqual([...model.keys()]);
        expect([...table.ordinalsDown()]).toEqual([...model.keys()].reverse());
        for (const id of ids) {
          const known = [...model.values()].find((state) => state.record.id === id);
          expect(plain(table.get(id))).toEqual(plain(known));
          expect(table.ordinalOf(id)).toBe(known?.ordinal);
        }
      }),
    );
  });

  it('writes and reads records that are the same', () => {
    fc.assert(
      fc.property(states, fc.nat({ max: 10_000 }), (state, ordinal) => {
        const table = new MemoryTable();
        table.load(ordinal, decodeRecord(ordinal, encodeRecord(state)));
        const stored = { ...state, ordinal, content: undefined, vector: undefined };
        expect(plain(table.get(state.record.id))).toEqual(plain(stored));
      }),
    );
  });

  it('takes a record that is none for damage', () => {
    expect(() => decodeRecord(1, new Uint8Array(200))).toThrow(
      expect.objectContaining({ code: 'STORAGE_CORRUPT' }),
    );
  });
});

describe('ordinals by UUID', () => {
  it('are those of a map, after any additions and removals', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(uuid, fc.boolean()), { maxLength: 200 }), (steps) => {
        const index = new UuidIndex();
        const model = new Map<string, number>();
        steps.forEach(([id, isRemoval], ordinal) => {
          const oldest = [...model.keys()][0];
          if (isRemoval && oldest !== undefined) {
            index.remove(model.get(oldest) ?? -1);
            model.delete(oldest);
          } else if (!model.has(id)) {
            index.add(ordinal, id);
            model.set(id, ordinal);
          }
        });
        expect(index.size).toBe(model.size);
        for (const [id] of steps) expect(index.find(id)).toBe(model.get(id));
      }),
    );
  });

  it('are found by a UUID in its plain form only', () => {
    const index = new UuidIndex();
    index.add(5, '0190163d-8694-739b-aea5-966c26f8ad91');
    expect(index.find('0190163D-8694-739B-AEA5-966C26F8AD91')).toBeUndefined();
    expect(index.find('none')).toBeUndefined();
    expect(index.find('0190163d-8694-739b-aea5-966c26f8ad91')).toBe(5);
  });
});
