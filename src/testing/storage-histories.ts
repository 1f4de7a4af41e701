/** Random histories of calls on a Storage, compared with a plain Map. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Commit, KeyRange, Row, Storage } from '../storage/storage.ts';

const KEYS = ['', 'B', 'a', 'a/', 'a/1', 'a/2', 'ab', 'b', 'é', '日本', '😀', '\uffee'];
const ALL: KeyRange = { from: '', to: '\uffff' };

const key = fc.constantFrom(...KEYS);
const range = fc.record({ from: key, to: fc.constantFrom(...KEYS, '\uffff') });
const step = fc.record({
  deleteRanges: fc.array(range, { maxLength: 2 }),
  deletes: fc.array(key, { maxLength: 3 }),
  puts: fc.array(fc.record({ key, value: fc.uint8Array({ maxLength: 6 }) }), { maxLength: 5 }),
  durability: fc.constantFrom('journaled' as const, 'flushed' as const),
  nextEpoch: fc.option(fc.nat(5), { nil: undefined }),
  isStale: fc.boolean(),
  read: fc.record({ range, limit: fc.option(fc.nat(4), { nil: undefined }) }),
});

/** Describes that a store agrees with a Map after every step of any history. */
export function describeStorageHistories(create: () => Promise<Storage>): void {
  it('agrees with a plain Map over random histories', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const storage = await create();
        const model = new Model();
        for (const { isStale, read, ...change } of steps) {
          const commit = { ...change, expectEpoch: model.epoch + (isStale ? 1 : 0) };
          if (isStale) await expect(storage.commit(commit)).rejects.toMatchObject({ code: 'STALE_EPOCH' });
          else {
            await storage.commit(commit);
            model.apply(commit);
          }
          expect(await storage.epoch()).toBe(model.epoch);
          expect(await storage.getRange(ALL)).toEqual(model.rowsIn(ALL));
          expect(await storage.getRange(read.range, { limit: read.limit })).toEqual(
            model.rowsIn(read.range).slice(0, read.limit),
          );
          expect(await storage.getMany(KEYS)).toEqual(KEYS.map((each) => model.rows.get(each)));
        }
        await storage.close();
      }),
      { numRuns: 30 },
    );
  });
}

class Model {
  readonly rows = new Map<string, Uint8Array>();
  epoch = 0;

  rowsIn({ from, to }: KeyRange): Row[] {
    return [...this.rows]
      .filter(([each]) => each >= from && each < to)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([each, value]) => ({ key: each, value }));
  }

  apply(commit: Commit): void {
    const gone = (commit.deleteRanges ?? []).flatMap((each) => this.rowsIn(each).map((row) => row.key));
    for (const each of [...gone, ...(commit.deletes ?? [])]) this.rows.delete(each);
    for (const row of commit.puts ?? []) this.rows.set(row.key, row.value);
    this.epoch = commit.nextEpoch ?? this.epoch;
  }
}
