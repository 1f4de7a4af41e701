/** The promises of the VectorIndex port as tests, to run on any implementation with Vitest and fast-check. */

import { afterEach, describe, expect, it } from 'vitest';
import { Bitset } from '../vector/bitset.ts';
import type { Filter } from '../vector/filter.ts';
import type { VectorIndex, VectorIndexFactory } from '../vector/vector-index.ts';
import { createRandom } from './environment.ts';
import { clusteredVectors, measureRecall } from './vector-data.ts';
import { describeVectorHistories } from './vector-histories.ts';

export interface VectorContractOptions {
  /** Whether it finds the nearest rows always, or nearly always. */
  readonly exact: boolean;
  /** Whether it declares `serialize` and `load`. */
  readonly serializes: boolean;
  /** How far a score may be off: stored vectors may be rounded. Default 1e-5. */
  readonly tolerance?: number | undefined;
}

/** What an index that is not exact must reach on clustered data, of ten neighbours. */
const RECALL = 0.95;
/** The same under a filter, as the port says. */
const FILTERED_RECALL = 0.995;
const DIMENSIONS = 16;

/**
 * Describes, for Vitest, everything that a VectorIndex must promise.
 *
 * @example
 * describeVectorContract('exact index', async (dimensions) => createExactIndex(dimensions), {
 *   exact: true,
 *   serializes: true,
 * });
 */
export function describeVectorContract(
  name: string,
  create: VectorIndexFactory,
  { exact, serializes, tolerance = 1e-5 }: VectorContractOptions,
): void {
  describe(name, () => {
    const made: VectorIndex[] = [];
    const createKept: VectorIndexFactory = async (dimensions) => {
      const index = await create(dimensions);
      made.push(index);
      return index;
    };
    afterEach(() => {
      for (const index of made.splice(0)) index.close();
    });

    describeFinding(createKept, tolerance);
    describeReplacing(createKept, tolerance);
    describeRefusals(createKept);
    describeScale(createKept, exact);
    describeFilters(createKept);
    describeSerializing(createKept, serializes, tolerance);
    describeVectorHistories(create, { exact, tolerance });
  });
}

const at = (...values: number[]): Float32Array => Float32Array.from(values);
/** That a score is there and right, as far as the index promises. */
function expectNear(score: number | undefined, expected: number, tolerance: number): void {
  expect(Math.abs((score ?? Number.NaN) - expected)).toBeLessThan(tolerance);
}
const ordinalsOf = (found: readonly { readonly ordinal: number }[]) => found.map(({ ordinal }) => ordinal);

async function filled(create: VectorIndexFactory, rows: readonly Float32Array[]): Promise<VectorIndex> {
  const index = await create(rows[0]?.length ?? DIMENSIONS);
  rows.forEach((row, ordinal) => {
    index.add(ordinal, row);
  });
  return index;
}

function describeFinding(create: VectorIndexFactory, tolerance: number): void {
  describe('finding', () => {
    it('finds nothing while it is empty', async () => {
      const index = await create(3);
      expect(index.size).toBe(0);
      expect(index.dimensions).toBe(3);
      expect(index.search(at(1, 0, 0), 5)).toEqual([]);
      expect(index.search(at(1, 0, 0), 5, { filter: Bitset.of([0, 1]) })).toEqual([]);
    });

    it('finds the rows of largest cosine, best first, whatever their length', async () => {
      const index = await filled(create, [at(0, 100, 0), at(3, 4, 0), at(-0.001, 0, 0), at(1, 0, 0)]);
      const found = index.search(at(50, 0, 0), 3);
      expect(ordinalsOf(found)).toEqual([3, 1, 0]);
      [1, 0.6, 0].forEach((score, i) => {
        expectNear(found[i]?.score, score, tolerance);
      });
    });

    it('finds all rows where fewer than asked for are there, and none where none are', async () => {
      const index = await filled(create, [at(1, 0), at(0, 1), at(-1, 0)]);
      expect(ordinalsOf(index.search(at(1, 0.1), 100))).toEqual([0, 1, 2]);
      expect(index.search(at(1, 0), 0)).toEqual([]);
    });

    it('gives equal scores by ascending ordinal', async () => {
      const index = await create(2);
      for (const ordinal of [9, 3, 70, 7, 33]) index.add(ordinal, at(1, 2));
      index.add(1, at(1, 0));
      expect(ordinalsOf(index.search(at(1, 2), 6))).toEqual([3, 7, 9, 33, 70, 1]);
    });

    it('keeps neither the vector it was given nor changes it', async () => {
      const index = await create(2);
      const [row, query] = [at(3, 4), at(0, 2)];
      index.add(0, row);
      expect([...row]).toEqual([3, 4]);
      row.set([-1, 0]);
      expectNear(index.search(query, 1)[0]?.score, 0.8, tolerance);
      expect([...query]).toEqual([0, 2]);
    });

    it('gives the same answers after the same history', async () => {
      const rows = clusteredVectors({ count: 500, dimensions: DIMENSIONS, seed: 11 });
      const [one, other] = [await filled(create, rows), await filled(create, rows)];
      for (const index of [one, other]) for (let gone = 0; gone < 500; gone += 7) index.remove(gone);
      for (const query of rows.slice(0, 20)) {
        const first = one.search(query, 10);
        expect(one.search(query, 10)).toEqual(first);
        expect(other.search(query, 10)).toEqual(first);
      }
    });
  });
}

function describeReplacing(create: VectorIndexFactory, tolerance: number): void {
  describe('replacing and removing', () => {
    it('replaces the vector of an ordinal that is there', async () => {
      const index = await filled(create, [at(1, 0), at(0, 1)]);
      index.add(0, at(-1, 0));
      expect(index.size).toBe(2);
      const found = index.search(at(1, 0), 2);
      expect(ordinalsOf(found)).toEqual([1, 0]);
      expectNear(found[1]?.score, -1, tolerance);
    });

    it('tells a row’s vector again at unit length, where it tells any, and none of a row that is not there', async () => {
      const index = await filled(create, [at(3, 4), at(0, 1)]);
      if (index.vectorOf === undefined) return;
      const vector = index.vectorOf(0);
      expectNear(vector?.[0], 0.6, Math.max(tolerance, 1e-3));
      expectNear(vector?.[1], 0.8, Math.max(tolerance, 1e-3));
      // A copy: what is done to it changes nothing.
      vector?.fill(0);
      expectNear(index.search(at(3, 4), 1)[0]?.score, 1, Math.max(tolerance, 1e-3));
      index.remove(0);
      expect(index.vectorOf(0)).toBeUndefined();
      expect(index.vectorOf(7)).toBeUndefined();
    });

    it('removes a row once, and answers false from then on', async () => {
      const index = await filled(create, [at(1, 0), at(0, 1)]);
      expect(index.remove(0)).toBe(true);
      expect(index.remove(0)).toBe(false);
      expect(index.remove(77)).toBe(false);
      expect(index.size).toBe(1);
      expect(ordinalsOf(index.search(at(1, 0), 2))).toEqual([1]);
    });

    it('never brings back a removed row, whatever is added after it', async () => {
      const rows = clusteredVectors({ count: 300, dimensions: DIMENSIONS, seed: 5 });
      const index = await filled(create, rows);
      for (let ordinal = 0; ordinal < 100; ordinal++) index.remove(ordinal);
      rows.forEach((row, i) => {
        index.add(1_000 + i, row);
      });
      for (const query of rows.slice(0, 100)) {
        const found = ordinalsOf(index.search(query, 400));
        expect(found.length).toBe(400);
        expect(Math.min(...found)).toBeGreaterThanOrEqual(100);
      }
    });

    it('takes a removed ordinal again, with its new vector only', async () => {
      const index = await filled(create, [at(1, 0), at(0, 1)]);
      index.remove(0);
      index.add(0, at(-1, 0));
      expect(index.search(at(1, 0), 2).map(({ ordinal, score }) => [ordinal, Math.round(score)])).toEqual([
        [1, 0],
        [0, -1],
      ]);
    });

    it('can be emptied and filled again', async () => {
      const rows = clusteredVectors({ count: 50, dimensions: DIMENSIONS, seed: 6 });
      const index = await filled(create, rows);
      rows.forEach((_, ordinal) => {
        index.remove(ordinal);
      });
      expect(index.size).toBe(0);
      expect(index.search(at(...Array(DIMENSIONS).fill(1)), 5)).toEqual([]);
      index.add(3, at(...Array(DIMENSIONS).fill(1)));
      expect(ordinalsOf(index.search(at(...Array(DIMENSIONS).fill(1)), 5))).toEqual([3]);
    });
  });
}

const BAD_VECTORS: readonly (readonly [string, Float32Array])[] = [
  ['too few dimensions', at(1, 2)],
  ['too many dimensions', at(1, 2, 3, 4)],
  ['no dimensions', at()],
  ['NaN', at(1, Number.NaN, 0)],
  ['an infinite number', at(1, Number.POSITIVE_INFINITY, 0)],
  ['length zero', at(0, 0, 0)],
];

function describeRefusals(create: VectorIndexFactory): void {
  describe('refusing', () => {
    const refused = expect.objectContaining({
      name: 'LociError',
      code: 'INVALID_VECTOR',
      hint: expect.any(String),
    });

    it.each(BAD_VECTORS)('refuses a vector with %s, which changes nothing', async (_, vector) => {
      const index = await filled(create, [at(1, 0, 0), at(0, 1, 0)]);
      const before = index.search(at(1, 0, 0), 5);
      expect(() => index.add(2, vector)).toThrow(refused);
      expect(() => index.add(0, vector)).toThrow(refused);
      expect(() => index.search(vector, 5)).toThrow(refused);
      expect(index.size).toBe(2);
      expect(index.search(at(1, 0, 0), 5)).toEqual(before);
    });
  });
}

function describeScale(create: VectorIndexFactory, exact: boolean): void {
  describe('at scale', () => {
    it(`finds ${exact ? 'all' : 'nearly all'} of the ten nearest among thousands`, async () => {
      const rows = clusteredVectors({ count: 3_000, dimensions: DIMENSIONS, seed: 1 });
      const index = await filled(create, rows);
      expect(index.size).toBe(3_000);
      // A byte a number is the least that can be meant.
      expect(index.memoryBytes).toBeGreaterThanOrEqual(3_000 * DIMENSIONS);
      expect(measureRecall(index, rows)).toBeGreaterThanOrEqual(exact ? 1 : RECALL);
    });

    it('stays as good when every row has been replaced several times', async () => {
      const rows = clusteredVectors({ count: 400, dimensions: DIMENSIONS, seed: 2 });
      const index = await filled(create, clusteredVectors({ count: 400, dimensions: DIMENSIONS, seed: 3 }));
      for (let round = 0; round < 6; round++)
        rows.forEach((_, ordinal) => {
          index.add(ordinal, rows[(ordinal + 5 - round + rows.length) % rows.length] ?? at());
        });
      expect(index.size).toBe(400);
      expect(measureRecall(index, rows)).toBeGreaterThanOrEqual(exact ? 1 : RECALL);
    });
  });
}

function describeFilters(create: VectorIndexFactory): void {
  describe('filtering', () => {
    it.each([0.5, 0.25, 0.1, 0.01])('finds members only, where %d of the rows are', async (share) => {
      const random = createRandom(4);
      const rows = clusteredVectors({ count: 2_000, dimensions: DIMENSIONS, seed: 4 });
      const index = await filled(create, rows);
      const members = rows.map((_, ordinal) => ordinal).filter(() => random() < share);
      // What the filter holds beside the rows there are is no reason to find less.
      const filter = Bitset.of([...members, 5_000, 100_000]);
      for (const query of rows.slice(0, 50)) {
        const found = ordinalsOf(index.search(query, 10, { filter }));
        expect(found.filter((ordinal) => !filter.has(ordinal))).toEqual([]);
        expect(new Set(found).size).toBe(Math.min(10, members.length));
      }
      const atLeast = share < 0.2 ? 1 : FILTERED_RECALL;
      expect(measureRecall(index, rows, { filter })).toBeGreaterThanOrEqual(atLeast);
    });

    it('finds all members where they lie far from the query and together', async () => {
      const near = clusteredVectors({ count: 700, dimensions: 4, seed: 8 }).map((row) => at(50, ...row));
      const far = clusteredVectors({ count: 300, dimensions: 4, seed: 9 }).map((row) => at(-50, ...row));
      const index = await filled(create, [...near, ...far]);
      const filter = Bitset.of(far.map((_, i) => near.length + i));
      const found = ordinalsOf(index.search(at(1, 0, 0, 0, 0), 10, { filter }));
      expect(found.length).toBe(10);
      expect(Math.min(...found)).toBeGreaterThanOrEqual(near.length);
    });

    it('joins sets by and, or and not', async () => {
      const random = createRandom(14);
      const rows = clusteredVectors({ count: 600, dimensions: DIMENSIONS, seed: 14 });
      const index = await filled(create, rows);
      index.remove(5);
      const some = () => Bitset.of(rows.flatMap((_, ordinal) => (random() < 0.5 ? [ordinal] : [])));
      const [a, b, c] = [some(), some(), some()];
      const filters: readonly (readonly [Filter, (ordinal: number) => boolean])[] = [
        [{ and: [a, b] }, (i) => a.has(i) && b.has(i)],
        [{ or: [a, { and: [b, c] }] }, (i) => a.has(i) || (b.has(i) && c.has(i))],
        [{ not: { or: [a, b] } }, (i) => !a.has(i) && !b.has(i)],
        [{ and: [{ not: a }, { or: [b, { not: c }] }] }, (i) => !a.has(i) && (b.has(i) || !c.has(i))],
        [{ and: [] }, () => true],
        [{ or: [] }, () => false],
      ];
      for (const [filter, isWanted] of filters) {
        const wanted = rows.map((_, ordinal) => ordinal).filter((i) => i !== 5 && isWanted(i));
        const found = ordinalsOf(index.search(rows[0] ?? at(), 600, { filter }));
        expect(found.toSorted((x, y) => x - y)).toEqual(wanted);
      }
    });

    it('refuses what is no filter', async () => {
      const index = await filled(create, [at(1, 0), at(0, 1)]);
      const nested = Array.from({ length: 30 }).reduce<Filter>((inner) => ({ not: inner }), new Bitset());
      for (const filter of [{}, { and: 3 }, { xor: [] }, null, nested])
        expect(() => index.search(at(1, 0), 1, { filter: filter as Filter })).toThrow(
          expect.objectContaining({ code: 'INVALID_FILTER' }),
        );
    });

    it('finds no member that was removed, and nothing under an empty filter', async () => {
      const index = await filled(create, [at(1, 0), at(1, 1), at(0, 1)]);
      index.remove(1);
      const filter = Bitset.of([0, 1]);
      expect(ordinalsOf(index.search(at(1, 1), 3, { filter }))).toEqual([0]);
      filter.delete(0);
      expect(index.search(at(1, 1), 3, { filter })).toEqual([]);
      expect(index.search(at(1, 1), 3, { filter: new Bitset() })).toEqual([]);
    });
  });
}

function describeSerializing(create: VectorIndexFactory, serializes: boolean, tolerance: number): void {
  describe('as bytes', () => {
    it(serializes ? 'declares both ways' : 'declares neither way', async () => {
      const { serialize, load } = await create(2);
      const expected = serializes ? 'function' : 'undefined';
      expect([typeof serialize, typeof load]).toEqual([expected, expected]);
    });
    if (!serializes) return;

    it('answers the same once loaded, and nothing of what was there before', async () => {
      const rows = clusteredVectors({ count: 200, dimensions: DIMENSIONS, seed: 12 });
      const index = await filled(create, rows);
      index.remove(17);
      const bytes = index.serialize?.() ?? new Uint8Array();
      const loaded = await create(DIMENSIONS);
      loaded.add(9_999, at(...Array(DIMENSIONS).fill(1)));
      loaded.load?.(bytes);
      bytes.fill(0);
      expect(loaded.size).toBe(199);
      for (const query of rows) expect(loaded.search(query, 10)).toEqual(index.search(query, 10));
      loaded.add(17, rows[17] ?? at());
      expectNear(loaded.search(rows[17] ?? at(), 1)[0]?.score, 1, tolerance);
    });

    it('refuses broken bytes, which change nothing', async () => {
      const index = await filled(create, [at(1, 0), at(0, 1)]);
      const bytes = index.serialize?.() ?? new Uint8Array();
      const foreign = (await filled(create, [at(1, 0, 0)])).serialize?.() ?? at();
      for (const broken of [new Uint8Array(0), bytes.slice(0, -1), bytes.slice(0, 5), foreign])
        expect(() => index.load?.(broken as Uint8Array)).toThrow(
          expect.objectContaining({ code: 'STORAGE_CORRUPT' }),
        );
      expect(ordinalsOf(index.search(at(1, 0), 5))).toEqual([0, 1]);
    });
  });
}
