import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Block, encodeBlock } from './block.ts';
import { type BlockRef, openBlock, rowsOf, Series } from './series.ts';

const LIMITS = { maxRows: 8, maxBytes: 400 };
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A series on a plain map, as storage would hold it. */
class Stored {
  readonly series = new Series('rows/', LIMITS);
  readonly rows = new Map<string, Uint8Array>();
  #nextId = 0;

  async change(changes: ReadonlyMap<number, Uint8Array | null>): Promise<number> {
    const read = async (keys: readonly string[], refs: readonly BlockRef[]) =>
      refs.map((ref, i) => openBlock(this.rows.get(keys[i] ?? ''), ref));
    const { refs, puts, deletes, lost } = await this.series.rewrite(changes, read, () => this.#nextId++);
    for (const key of deletes) this.rows.delete(key);
    for (const { key, value } of puts) this.rows.set(key, value);
    this.series.replace(refs);
    return lost;
  }

  read(ordinal: number): string | undefined {
    const ref = this.series.find(ordinal);
    const block = ref && openBlock(this.rows.get(this.series.keyOf(ref)), ref);
    const row = block?.rowAt(block.indexOf(ordinal));
    return block === undefined || block.indexOf(ordinal) < 0 || row === undefined ? undefined : textOf(row);
  }
}

describe('a series of blocks', () => {
  it('reads as a map does after any changes, in blocks within their limits, and stores nothing else', async () => {
    const change = fc.tuple(fc.nat(60), fc.option(fc.string({ maxLength: 60 }), { nil: null }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 12 }), { maxLength: 12 }), async (steps) => {
        const stored = new Stored();
        const model = new Map<number, string>();
        for (const step of steps) {
          const changes = new Map(step);
          for (const [ordinal, text] of changes) {
            if (text === null) model.delete(ordinal);
            else model.set(ordinal, text);
          }
          expect(
            await stored.change(
              new Map([...changes].map(([ordinal, text]) => [ordinal, text === null ? null : bytesOf(text)])),
            ),
          ).toBe(0);
          const { refs } = stored.series;
          for (let ordinal = 0; ordinal <= 60; ordinal++)
            expect(stored.read(ordinal)).toBe(
              model.has(ordinal) ? textOf(bytesOf(model.get(ordinal) ?? '')) : undefined,
            );
          expect([...stored.rows.keys()].sort()).toEqual(refs.map((ref) => stored.series.keyOf(ref)).sort());
          expect(stored.series.rows).toBe(model.size);
          refs.forEach((ref, i) => {
            expect(ref.rows).toBeLessThanOrEqual(LIMITS.maxRows);
            if (ref.rows > 1) expect(ref.bytes).toBeLessThanOrEqual(LIMITS.maxBytes);
            expect(ref.first).toBeGreaterThan(refs[i - 1]?.last ?? -1);
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  it('leaves a full last block alone when rows are added', async () => {
    const stored = new Stored();
    await stored.change(new Map(Array.from({ length: 8 }, (_, i) => [i, bytesOf('x')])));
    const [full] = stored.series.refs;
    await stored.change(new Map([[8, bytesOf('y')]]));
    expect(stored.series.refs[0]).toBe(full);
    expect(stored.series.refs).toHaveLength(2);
  });

  it('joins a block that has become small with the one beside it', async () => {
    const stored = new Stored();
    await stored.change(new Map(Array.from({ length: 16 }, (_, i) => [i, bytesOf('x')])));
    await stored.change(new Map(Array.from({ length: 6 }, (_, i) => [i + 8, null])));
    await stored.change(new Map(Array.from({ length: 6 }, (_, i) => [i, null])));
    expect(stored.series.refs.map(({ rows }) => rows)).toEqual([4]);
  });

  it('keeps the whole rows of a broken block, and tells how many are gone', async () => {
    const stored = new Stored();
    await stored.change(new Map([0, 1, 2].map((i) => [i, bytesOf(`row ${i}`)])));
    const [[key, bytes] = ['', new Uint8Array()]] = stored.rows;
    stored.rows.set(
      key,
      bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
    );
    expect(await stored.change(new Map([[3, bytesOf('row 3')]]))).toBe(1);
    expect([0, 1, 2, 3].map((i) => stored.read(i))).toEqual(['row 0', 'row 1', undefined, 'row 3']);
  });
});

describe('a block', () => {
  it('is never read wrongly, whichever bit of it is flipped and wherever it is cut', () => {
    const rows = [3, 7, 4_000_000_000].map((ordinal) => ({ ordinal, bytes: bytesOf(`row of ${ordinal}`) }));
    const block = encodeBlock(rows);
    const expected = rows.map(({ ordinal, bytes }) => `${ordinal} ${textOf(bytes)}`);
    expect(rowsOf(new Block(block)).map(({ ordinal, bytes }) => `${ordinal} ${textOf(bytes)}`)).toEqual(
      expected,
    );
    const damaged = [
      ...Array.from({ length: block.length * 8 }, (_, bit) =>
        block.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
      ),
      ...Array.from({ length: block.length }, (_, length) => block.slice(0, length)),
    ];
    for (const bytes of damaged) {
      let read: readonly string[] = [];
      try {
        read = rowsOf(new Block(bytes)).map((row) => `${row.ordinal} ${textOf(row.bytes)}`);
      } catch (error) {
        expect(error).toMatchObject({ code: 'STORAGE_CORRUPT' });
      }
      expect(read.length).toBeLessThan(expected.length);
      expect(expected).toEqual(expect.arrayContaining([...read]));
    }
  });
});
