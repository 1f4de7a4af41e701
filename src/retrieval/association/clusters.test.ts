import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../testing/environment.ts';
import { LexicalIndex } from '../../text/lexical-index.ts';
import { dot } from '../../vector/vectors.ts';
import { type Cluster, cluster, clusterCount } from './clusters.ts';
import { identify } from './concept-ids.ts';
import { labelOf } from './concept-labels.ts';
import { CONCEPT_COHERENCE, CONCEPT_MIN_SIZE, MAX_CONCEPTS } from './weights.ts';

function run(vectors: readonly Float32Array[], count: number): readonly Cluster[] {
  const forming = cluster(vectors, count);
  for (;;) {
    const { done, value } = forming.next();
    if (done === true) return value;
  }
}

function unit(numbers: readonly number[]): Float32Array {
  const length = Math.hypot(...numbers);
  return Float32Array.from(numbers, (number) => number / length);
}

/** Unit vectors around so many axes, with noise. */
function topics(count: number, each: number, noise: number, seed: number): readonly Float32Array[] {
  const random = createRandom(seed);
  return Array.from({ length: count * each }, (_, i) =>
    unit(Array.from({ length: 16 }, (_unused, d) => (d === i % count ? 1 : 0) + noise * (random() - 0.5))),
  );
}

describe('clusters', () => {
  it('are the topics there are, largest first', () => {
    const [a, b, c] = [topics(3, 30, 0.4, 1), topics(2, 20, 0.4, 2), topics(1, 10, 0.4, 3)];
    const found = run([...a, ...b, ...c], 6);
    expect(found.map(({ size }) => size)).toEqual([60, 50, 30]);
    for (const { coherence } of found) expect(coherence).toBeGreaterThan(0.5);
    expect(found.map(({ centre }) => centre.indexOf(Math.max(...centre)))).toEqual([0, 1, 2]);
  });

  it('are none where nothing holds together, nor of fewer than three', () => {
    const apart = Array.from({ length: 12 }, (_, i) =>
      unit(Array.from({ length: 12 }, (_u, d) => (d === i ? 1 : 0))),
    );
    expect(run(apart, 4)).toEqual([]);
    expect(run(topics(1, 2, 0, 1), 1)).toEqual([]);
    expect(run([], 3)).toEqual([]);
  });

  it('are one where all vectors are the same', () => {
    expect(run(topics(1, 9, 0, 1), 3)).toMatchObject([{ size: 9 }]);
  });

  it('are coherent, of unit centres, no more than asked for, and the same each time', () => {
    const vector = fc
      .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
      .filter((numbers) => Math.hypot(...numbers) > 0.01)
      .map(unit);
    fc.assert(
      fc.property(fc.array(vector, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (vectors, count) => {
        const found = run(vectors, count);
        expect(found.length).toBeLessThanOrEqual(count);
        expect(found.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(vectors.length);
        for (const { centre, size, coherence } of found) {
          expect(dot(centre, centre)).toBeCloseTo(1, 4);
          expect(size).toBeGreaterThanOrEqual(CONCEPT_MIN_SIZE);
          expect(coherence).toBeGreaterThanOrEqual(CONCEPT_COHERENCE);
        }
        expect(run(vectors, count)).toEqual(found);
      }),
    );
  });

  it('are looked for by the root of the memories, and no more than 64', () => {
    expect([0, 3, 100, 100_000].map(clusterCount)).toEqual([0, 2, 10, MAX_CONCEPTS]);
  });
});

describe('ids of concepts', () => {
  const at = (...numbers: readonly number[]) => unit(numbers);

  it('are kept by the nearest concept, each once, and else made of the most typical memory', () => {
    const former = [
      { id: 'old-x', centre: at(1, 0, 0) },
      { id: 'old-y', centre: at(0, 1, 0) },
    ];
    const concepts = [
      { centre: at(1, 0.3, 0), nearest: 'a' },
      { centre: at(1, 0.1, 0), nearest: 'b' },
      { centre: at(0, 0, 1), nearest: 'c' },
    ];
    const ids = identify(concepts, former);
    expect(ids[1]).toBe('old-x');
    expect(ids[0]).toMatch(/^concept-[0-9a-f]{16}$/);
    expect(new Set(ids).size).toBe(3);
    expect(identify(concepts, []).slice(2)).toEqual(ids.slice(2));
  });

  it('are different where a former concept has the id that a new one would get', () => {
    const [id = ''] = identify([{ centre: at(1, 0), nearest: 'a' }], []);
    const again = identify(
      [
        { centre: at(1, 0), nearest: 'z' },
        { centre: at(0, 1), nearest: 'a' },
      ],
      [{ id, centre: at(1, 0) }],
    );
    expect(again[0]).toBe(id);
    expect(again[1]).not.toBe(id);
  });
});

describe('labels of concepts', () => {
  const index = new LexicalIndex();
  const sailing = [
    'we sail the harbour at noon',
    'the harbour has a sail shop',
    'sail past the lighthouse at noon',
  ];
  const others = Array.from({ length: 40 }, (_, i) => `at noon the meeting number ${i} was held`);
  [...sailing, ...others].forEach((content, ordinal) => {
    index.set(ordinal, { content, tags: [] });
  });

  it('are words that members share and others have not', () => {
    const { label, terms } = labelOf(sailing, index);
    expect(label).toBe('sail, harbour, noon');
    expect(terms).not.toContain('the');
    expect(terms).not.toContain('lighthouse');
  });

  it('are whole words, and none that are only grammar', () => {
    const contents = ['it doesn’t work', 'the pump doesn’t work at all', 'my pump doesn’t start'];
    const words = new LexicalIndex();
    [...contents, ...others].forEach((content, ordinal) => {
      words.set(ordinal, { content, tags: [] });
    });
    expect([...labelOf(contents, words).terms].sort()).toEqual(['pump', 'work']);
  });

  it('are the beginning of the most typical memory where nothing is shared', () => {
    expect(labelOf(['nothing in\ncommon', 'here'], index)).toEqual({ label: 'nothing in common', terms: [] });
    expect([...labelOf(['😀'.repeat(100)], index).label]).toHaveLength(60);
    expect(labelOf([], index)).toEqual({ label: '', terms: [] });
  });
});
