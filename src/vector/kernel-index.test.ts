import { describe, expect, it } from 'vitest';
import { createRandom } from '../testing/environment.ts';
import { describeVectorContract } from '../testing/vector-contract.ts';
import { bruteForce, clusteredVectors, measureRecall } from '../testing/vector-data.ts';
import { Bitset } from './bitset.ts';
import { compileKernel } from './kernel.ts';
import { createKernelIndex, type KernelIndex, type KernelIndexOptions } from './kernel-index.ts';

/** 12 bits a number leave a score right to three digits in a few dimensions. */
const CONTRACT = { serializes: true, tolerance: 5e-4 };
const DIMENSIONS = 64;
/** Graphs are built, and neighbours counted out by comparing all. */
const SLOW = { timeout: 60_000 };

describeVectorContract('the kernel', (dimensions) => createKernelIndex(dimensions), {
  ...CONTRACT,
  exact: false,
});
describeVectorContract(
  'the kernel without SIMD',
  async (dimensions) => createKernelIndex(dimensions, { module: await compileKernel('scalar') }),
  { ...CONTRACT, exact: false },
);
describeVectorContract(
  'the kernel with a graph from the first row on',
  async (dimensions) => maintained(await createKernelIndex(dimensions, { graphFromRows: 0 })),
  { ...CONTRACT, exact: false },
);

/** An index that finishes its background work after every change. */
function maintained(index: KernelIndex): KernelIndex {
  const add = index.add.bind(index);
  const remove = index.remove.bind(index);
  index.add = (ordinal, vector) => {
    add(ordinal, vector);
    finish(index);
  };
  index.remove = (ordinal) => {
    const was = remove(ordinal);
    finish(index);
    return was;
  };
  return index;
}

function finish(index: KernelIndex): void {
  while (index.maintain(1_000));
}

function fill(index: KernelIndex, rows: readonly Float32Array[]): void {
  rows.forEach((row, ordinal) => {
    index.add(ordinal, row);
  });
}

async function built(rows: readonly Float32Array[], options: KernelIndexOptions = {}): Promise<KernelIndex> {
  const index = await createKernelIndex(DIMENSIONS, { graphFromRows: 0, ...options });
  fill(index, rows);
  finish(index);
  return index;
}

const ROWS = clusteredVectors({ count: 6_000, dimensions: DIMENSIONS, seed: 31 });

describe('the graph', SLOW, () => {
  it('finds nearly all of the nearest, with a filter and without', async () => {
    const index = await built(ROWS);
    expect(index.pending).toBe(0);
    expect(measureRecall(index, ROWS, { ef: 128 })).toBeGreaterThanOrEqual(0.98);
    expect(index.lastEffort).toMatchObject({ plan: 'graph', ef: 128, pending: 0 });
    const half = Bitset.of(ROWS.flatMap((_, ordinal) => (ordinal % 2 === 0 ? [ordinal] : [])));
    expect(measureRecall(index, ROWS, { ef: 128, filter: half })).toBeGreaterThanOrEqual(0.98);
    expect(index.lastEffort).toMatchObject({ plan: 'graph', members: 3_000 });
  });

  it('finds rows that are not in it yet, and says how many they are', async () => {
    const index = await built(ROWS.slice(0, 5_000));
    ROWS.slice(5_000).forEach((row, i) => {
      index.add(5_000 + i, row);
    });
    expect(index.pending).toBe(1_000);
    for (let i = 5_000; i < 6_000; i += 50) {
      const [first] = index.search(ROWS[i] ?? new Float32Array(DIMENSIONS), 1, { ef: 32 });
      expect(first?.ordinal).toBe(i);
    }
    expect(index.lastEffort).toMatchObject({ plan: 'graph', pending: 1_000, scanned: 1_000 });
  });

  it('answers between any two slices of its building, and never less than all rows', async () => {
    const index = await createKernelIndex(DIMENSIONS, { graphFromRows: 0 });
    fill(index, ROWS);
    let slices = 0;
    while (index.maintain(0)) {
      if (slices++ % 97 !== 0) continue;
      const row = (slices * 31) % ROWS.length;
      expect(index.search(ROWS[row] ?? new Float32Array(), 1, { ef: 64 })[0]?.ordinal).toBe(row);
    }
    expect(slices).toBeGreaterThan(500);
    expect(index.pending).toBe(0);
  });

  it('stays as good when every vector has been replaced twice', async () => {
    const rows = ROWS.slice(0, 4_000);
    const index = await built(rows);
    const before = measureRecall(index, rows, { ef: 64, queries: 400 });
    for (const shift of [1_000, 0])
      for (let i = 0; i < rows.length; i++) {
        index.add(i, rows[(i + shift) % rows.length] ?? new Float32Array(DIMENSIONS));
        if (i % 100 === 0) finish(index);
      }
    finish(index);
    expect(measureRecall(index, rows, { ef: 64, queries: 400 })).toBeGreaterThanOrEqual(before - 0.005);
  });

  it('does not grow with removals: dead nodes leave, and their slots are taken again', async () => {
    const index = await built(ROWS.slice(0, 3_000));
    const before = index.memoryBytes;
    for (let round = 0; round < 4; round++)
      for (let i = 0; i < 3_000; i++) {
        index.remove(i);
        index.add(i, ROWS[(i + 7 * round) % 3_000] ?? new Float32Array(DIMENSIONS));
        if (i % 200 === 0) finish(index);
      }
    expect(index.memoryBytes).toBeLessThan(before * 1.35);
  });

  it('is left when all that it led to is gone, and finds what remains', async () => {
    const index = await built(ROWS);
    for (let i = 0; i < 5_900; i++) index.remove(i);
    expect(index.size).toBe(100);
    const found = index.search(ROWS[5_950] ?? new Float32Array(), 100).map(({ ordinal }) => ordinal);
    expect(found.length).toBe(100);
    expect(Math.min(...found)).toBe(5_900);
    finish(index);
    ROWS.slice(0, 3_000).forEach((row, i) => {
      index.add(i, row);
    });
    finish(index);
    expect(index.search(ROWS[17] ?? new Float32Array(), 1, { ef: 64 })[0]?.ordinal).toBe(17);
  });

  it('is the same with SIMD and without, bit for bit', async () => {
    const rows = ROWS.slice(0, 3_000);
    const simd = await built(rows);
    const scalar = await built(rows, { module: await compileKernel('scalar') });
    for (const index of [simd, scalar]) for (let gone = 0; gone < 900; gone += 3) index.remove(gone);
    for (const query of ROWS.slice(3_000, 3_040))
      for (const options of [{ ef: 48 }, { recall: 0.999 }, {}])
        expect(scalar.search(query, 10, options)).toEqual(simd.search(query, 10, options));
    expect(scalar.serialize()).toEqual(simd.serialize());
  });
});

describe('rows that are hard to tell apart', SLOW, () => {
  it('begins a new graph where every row of the old one has died', async () => {
    const rows = ROWS.slice(0, 3_000);
    const index = await built(rows);
    rows.forEach((_, ordinal) => {
      index.add(ordinal, rows[(ordinal + 1_500) % 3_000] ?? new Float32Array());
    });
    finish(index);
    for (let ordinal = 0; ordinal < 3_000; ordinal += 7) {
      const row = rows[(ordinal + 1_500) % 3_000] ?? new Float32Array();
      expect(index.search(row, 1, { ef: 64 })[0]?.ordinal).toBe(ordinal);
    }
    expect(index.lastEffort).toMatchObject({ plan: 'graph', pending: 0 });
  });

  it('is exact where many rows lie close together, and where one is far longer than all others', async () => {
    const random = createRandom(71);
    const base = ROWS[0] ?? new Float32Array();
    const close = Array.from({ length: 12_000 }, () => base.map((value) => value + 0.05 * (random() - 0.5)));
    const index = await createKernelIndex(DIMENSIONS);
    fill(index, close);
    expect(exactRecall(index, close, close.slice(0, 20))).toBeGreaterThanOrEqual(0.9);
    const product = await createKernelIndex(DIMENSIONS, { metric: 'inner-product' });
    fill(product, ROWS.slice(0, 5_000));
    product.add(
      5_000,
      (ROWS[3] ?? base).map((value) => value * 200),
    );
    product.remove(5_000);
    const [query = base] = ROWS.slice(5_500);
    const dot = (row: Float32Array) => row.reduce((sum, value, i) => sum + value * (query[i] ?? 0), 0);
    const best = ROWS.slice(0, 5_000)
      .map((row, ordinal) => [dot(row), ordinal] as const)
      .sort(([a], [b]) => b - a);
    const found = product.search(query, 10, { recall: 1 }).map(({ ordinal }) => ordinal);
    expect(found).toEqual(best.slice(0, 10).map(([, ordinal]) => ordinal));
  });

  it('bounds what 8 bits leave out for queries and rows of any shape', async () => {
    const dimensions = 384;
    const random = createRandom(72);
    const rows = Array.from({ length: 3_000 }, () =>
      Float32Array.from({ length: dimensions }, () => (random() < 0.5 ? 1 : -1)),
    );
    const query = Float32Array.from({ length: dimensions }, (_, i) => (i === 0 ? 1 : 0.49 / 1_927));
    for (const residualBits of [0, 4] as const) {
      const index = await createKernelIndex(dimensions, { residualBits });
      fill(index, rows);
      const [truth] = bruteForce(rows.entries(), query, 1);
      expect(index.search(query, 1, { recall: 1 })[0]?.score).toBeCloseTo(truth?.score ?? 0, 3);
    }
  });

  it('reaches its recall for many results too, and for rows that codes cannot tell apart', async () => {
    const index = await built(ROWS);
    for (const k of [50, 250])
      expect(measureRecall(index, ROWS, { k, queries: 30 })).toBeGreaterThanOrEqual(0.985);
    const random = createRandom(73);
    const base = ROWS[0] ?? new Float32Array();
    const close = Array.from({ length: 6_000 }, () => base.map((value) => value + 0.3 * (random() - 0.5)));
    const flat = await built(close, { graphFromRows: Number.POSITIVE_INFINITY });
    expect(measureRecall(flat, close, { queries: 30 })).toBeGreaterThanOrEqual(0.98);
  });

  it('keeps what it has learnt of its rows when it is loaded', async () => {
    const index = await built(ROWS);
    const loaded = await createKernelIndex(DIMENSIONS, { graphFromRows: 0 });
    loaded.load(index.serialize());
    const [query = new Float32Array()] = ROWS.slice(77);
    for (const recall of [0.9, 0.995]) {
      expect(loaded.search(query, 10, { recall })).toEqual(index.search(query, 10, { recall }));
      expect(loaded.lastEffort).toEqual(index.lastEffort);
    }
  });

  it.each([1e36, 1e-36])(
    'refuses vectors of length %d with inner products, and asks with none',
    async (length) => {
      const index = await createKernelIndex(2, { metric: 'inner-product' });
      index.add(0, Float32Array.of(1, 0));
      const refused = expect.objectContaining({ code: 'INVALID_VECTOR', hint: expect.any(String) });
      expect(() => index.add(1, Float32Array.of(length, 0))).toThrow(refused);
      expect(() => index.search(Float32Array.of(length, 0), 1)).toThrow(refused);
      expect(index.size).toBe(1);
    },
  );
});

function exactRecall(
  index: KernelIndex,
  rows: readonly Float32Array[],
  queries: readonly Float32Array[],
): number {
  let hits = 0;
  for (const query of queries) {
    const nearest = new Set(bruteForce(rows.entries(), query, 10).map(({ ordinal }) => ordinal));
    hits += index.search(query, 10, { recall: 1 }).filter(({ ordinal }) => nearest.has(ordinal)).length;
  }
  return hits / (10 * queries.length);
}

describe('effort', SLOW, () => {
  it('rises with the recall that is asked for', async () => {
    const index = await built(ROWS);
    const query = ROWS[1] ?? new Float32Array();
    const effortAt = (recall: number) => {
      index.search(query, 10, { recall });
      const { walked = 0, scanned = 0, judged = 0 } = index.lastEffort ?? {};
      return 1.7 * walked + 0.065 * scanned + judged;
    };
    expect(effortAt(0.9)).toBeLessThan(effortAt(0.999));
  });

  it.each([{ ef: 0 }, { ef: 1.5 }, { recall: 0 }, { recall: 1.2 }, { recall: Number.NaN }])(
    'refuses %o',
    async (options) => {
      const index = await createKernelIndex(2);
      expect(() => index.search(Float32Array.of(1, 0), 1, options)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT', hint: expect.any(String) }),
      );
    },
  );
});

describe('inner product', SLOW, () => {
  it('compares lengths as well as directions, in a scan and in the graph', async () => {
    const rows = ROWS.map((row, i) => row.map((value) => value * (1 + (i % 5))));
    for (const graphFromRows of [0, Number.POSITIVE_INFINITY]) {
      const index = await built(rows, { metric: 'inner-product', graphFromRows });
      let hits = 0;
      for (const query of ROWS.slice(0, 50)) {
        const product = (row: Float32Array) =>
          row.reduce((sum, value, i) => sum + value * (query[i] ?? 0), 0);
        const best = rows.map((row, ordinal) => [product(row), ordinal] as const).sort(([a], [b]) => b - a);
        const found = index.search(query, 10, { ef: 256 });
        expect(Math.abs((found[0]?.score ?? 0) / (best[0]?.[0] ?? 1) - 1)).toBeLessThan(1e-3);
        const nearest = new Set(best.slice(0, 10).map(([, ordinal]) => ordinal));
        hits += found.filter(({ ordinal }) => nearest.has(ordinal)).length;
      }
      expect(hits / 500).toBeGreaterThanOrEqual(0.97);
    }
  });
});

describe('residual bits', () => {
  it.each([0, 2, 4] as const)('%d of them bring a vector back as near as they can', async (residualBits) => {
    const index = await createKernelIndex(DIMENSIONS, { residualBits });
    const row = ROWS[3] ?? new Float32Array();
    index.add(0, row);
    const length = Math.hypot(...row);
    const largest = Math.max(...row.map(Math.abs)) / length;
    const step = largest / (2 ** (7 + residualBits) - 1);
    const stored = index.vectorOf(0) ?? new Float32Array();
    expect(stored.length).toBe(DIMENSIONS);
    row.forEach((value, i) => {
      expect(Math.abs((stored[i] ?? 0) - value / length)).toBeLessThan(step);
    });
    expect(Math.hypot(...stored)).toBeCloseTo(1, 5);
    expect(index.vectorOf(1)).toBeUndefined();
  });
});

describe('as blocks', SLOW, () => {
  it('gives the same bytes for the same rows, and takes its graph back', async () => {
    const [one, other] = [await built(ROWS.slice(0, 2_500)), await built(ROWS.slice(0, 2_500))];
    expect(one.serializeRows().length).toBe(3);
    expect(one.serialize()).toEqual(other.serialize());
    const loaded = await createKernelIndex(DIMENSIONS, { graphFromRows: 0 });
    expect(loaded.loadRows(one.serializeRows())).toEqual({ rows: 2_500, brokenBlocks: 0, brokenRows: 0 });
    expect(loaded.loadGraph(one.serializeGraph())).toBe('loaded');
    expect(loaded.pending).toBe(0);
    for (const query of ROWS.slice(2_500, 2_550))
      expect(loaded.search(query, 10, { ef: 64 })).toEqual(one.search(query, 10, { ef: 64 }));
  });

  it('leaves a broken block out, counts it, and finds all other rows', async () => {
    const index = await built(ROWS.slice(0, 2_500));
    const blocks = index.serializeRows().map((block) => block.slice());
    const broken = blocks[1] ?? new Uint8Array();
    broken[3_000] = (broken[3_000] ?? 0) ^ 4;
    const loaded = await createKernelIndex(DIMENSIONS);
    expect(loaded.loadRows(blocks)).toEqual({ rows: 2_500 - 1_024, brokenBlocks: 1, brokenRows: 0 });
    expect(loaded.loadRows(blocks)).toEqual({ rows: 0, brokenBlocks: 1, brokenRows: 2_500 - 1_024 });
    expect(loaded.search(ROWS[2_400] ?? new Float32Array(), 1)[0]?.ordinal).toBe(2_400);
  });

  it('does without a graph that is missing, broken, or of rows that have changed too much', async () => {
    const index = await built(ROWS.slice(0, 2_500));
    const graph = index.serializeGraph() ?? new Uint8Array();
    const rows = index.serializeRows();
    const load = async (bytes: Uint8Array | undefined, change?: (index: KernelIndex) => void) => {
      const loaded = await createKernelIndex(DIMENSIONS, { graphFromRows: 0 });
      loaded.loadRows(rows);
      change?.(loaded);
      const state = loaded.loadGraph(bytes);
      expect(loaded.search(ROWS[99] ?? new Float32Array(), 1)[0]?.ordinal).toBe(99);
      finish(loaded);
      expect(loaded.pending).toBe(0);
      expect(measureRecall(loaded, ROWS.slice(0, 2_500), { ef: 96 })).toBeGreaterThanOrEqual(0.97);
      return state;
    };
    expect(await load(undefined)).toBe('missing');
    for (const at of [0, 9, 100, graph.length - 1]) {
      const flipped = graph.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(await load(flipped)).toBe('broken');
    }
    expect(await load(graph.slice(0, 1_000))).toBe('broken');
    // A row here and there is another: the graph is of use without it.
    const swap = (count: number) => (loaded: KernelIndex) => {
      for (let i = 0; i < count; i++) {
        loaded.add(
          2_499 - i,
          ROWS[2_499 - i]?.map((value, j) => value + (j === 0 ? 0.05 : 0)) ?? new Float32Array(),
        );
      }
    };
    expect(await load(graph, swap(30))).toBe('loaded');
    expect(await load(graph, swap(1_500))).toBe('stale');
  });
});

describe('memory', () => {
  it('grows in steps to its maximum, refuses more with an error, and keeps what it has', async () => {
    const index = await createKernelIndex(DIMENSIONS, { maxBytes: 3_000_000 });
    let added = 0;
    expect(() => {
      for (; added < 100_000; added++) index.add(added, ROWS[added % ROWS.length] ?? new Float32Array());
    }).toThrow(expect.objectContaining({ code: 'INDEX_FULL', hint: expect.stringContaining('maxBytes') }));
    expect(added).toBeGreaterThan(1_000);
    expect(index.size).toBe(added);
    expect(index.memoryBytes).toBeLessThanOrEqual(3_000_000);
    expect(index.search(ROWS[500] ?? new Float32Array(), 1)[0]?.ordinal).toBe(500);
    const filter = { not: Bitset.of([500]) };
    expect(index.search(ROWS[500] ?? new Float32Array(), 1_000, { filter }).length).toBe(1_000);
    expect(index.remove(7)).toBe(true);
    index.add(7, ROWS[8] ?? new Float32Array());
    expect(index.size).toBe(added);
  });

  it('is searched, serialised and written again when it is full', SLOW, async () => {
    const index = await createKernelIndex(DIMENSIONS, { maxBytes: 4_000_000, graphFromRows: 0 });
    let added = 0;
    const add = (ordinal: number) => index.add(ordinal, ROWS[ordinal % ROWS.length] ?? new Float32Array());
    expect(() => {
      for (; added < 100_000; added++) add(added);
    }).toThrow(expect.objectContaining({ code: 'INDEX_FULL' }));
    finish(index);
    const before = index.memoryBytes;
    for (let i = 1; i < 100; i++) expect(() => add(i * 100_000)).toThrow();
    expect(index.memoryBytes).toBe(before);
    const deep = { not: { and: [{ or: [Bitset.of([1]), Bitset.of([2])] }, { not: Bitset.of([3]) }] } };
    expect(index.search(ROWS[9] ?? new Float32Array(), 500, { filter: deep }).length).toBe(500);
    const [full, other] = [index.serialize(), await createKernelIndex(DIMENSIONS)];
    other.load(full);
    expect(other.size).toBe(added);
    for (let i = 0; i < 10; i++) expect(index.remove(i)).toBe(true);
    for (let i = 0; i < 10; i++) add(i);
    expect(index.size).toBe(added);
  });

  it('does not leak where ever more results are asked for', async () => {
    const index = await createKernelIndex(8);
    for (let i = 0; i < 6_000; i++) index.add(i, (ROWS[i] ?? new Float32Array()).slice(0, 8));
    for (let k = 1; k < 6_000; k += 19) index.search((ROWS[k] ?? new Float32Array()).slice(0, 8), k);
    expect(index.memoryBytes).toBeLessThan(8_000_000);
  });

  it('is refused where it cannot hold an empty index', async () => {
    await expect(createKernelIndex(DIMENSIONS, { maxBytes: 100_000 })).rejects.toMatchObject({
      hint: expect.any(String),
    });
  });
});

describe('bad input', () => {
  it.each([-1, 1.5, Number.NaN, 2 ** 32, 2 ** 31])(
    'refuses %d as an ordinal, and nothing changes',
    async (ordinal) => {
      const index = await createKernelIndex(2);
      index.add(0, Float32Array.of(1, 0));
      expect(() => index.add(ordinal, Float32Array.of(0, 1))).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }),
      );
      expect(index.remove(ordinal)).toBe(false);
      expect(index.size).toBe(1);
    },
  );

  it.each([
    [0, {}],
    [5_000, {}],
    [4, { m: 2 }],
    [4, { efConstruction: 0 }],
    [4, { residualBits: 3 }],
    [4, { metric: 'l2' }],
    [4, { maxBytes: 2 ** 40 }],
    [4, { graphFromRows: -1 }],
  ])('refuses %d dimensions with %o', async (dimensions, options) => {
    await expect(createKernelIndex(dimensions, options as KernelIndexOptions)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('refuses vectors that do not fit their ordinals', async () => {
    const index = await createKernelIndex(2);
    expect(() => index.addMany([1, 2], new Float32Array(3))).toThrow(
      expect.objectContaining({ code: 'INVALID_VECTOR' }),
    );
    expect(index.size).toBe(0);
  });
});
