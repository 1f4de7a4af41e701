import { describe, expect, it, vi } from 'vitest';
import { SEGMENT_MAX_BYTES } from '../limits.ts';
import { createRandom } from '../testing/environment.ts';
import { Bitset } from '../vector/bitset.ts';
import { LexicalIndex } from './lexical-index.ts';
import { isInBytes, reloaded, textDocument } from './lexical-test-util.ts';
import { Analyser } from './terms.ts';

// Some look at thousands of memories, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 });

function indexOf(...contents: readonly string[]): LexicalIndex {
  const index = new LexicalIndex();
  contents.forEach((content, ordinal) => {
    index.set(ordinal, textDocument(content));
  });
  return index;
}

const found = (index: LexicalIndex, query: string, filter?: Bitset) =>
  index.search(query, 10, filter).map(({ ordinal }) => ordinal);

describe('the word index', () => {
  it('finds a text by a word of it, whatever its ending', () => {
    expect(found(indexOf('Ana paints houses', 'Bo reads'), 'painting a house')).toEqual([0]);
  });

  it('does not find by words that are only grammar', () => {
    expect(found(indexOf('the cat is on the mat'), 'is the of on')).toEqual([]);
  });

  it('ranks a text with the rarer word first', () => {
    const index = indexOf('garden garden tree', 'garden oak', 'garden elm', 'garden tree');
    expect(found(index, 'oak garden')[0]).toBe(1);
  });

  it('finds by speaker and by tag', () => {
    const index = new LexicalIndex();
    index.set(0, textDocument('hello', { speaker: 'Ines' }));
    index.set(1, textDocument('hello', { tags: ['bakery'] }));
    expect(found(index, 'Ines')).toEqual([0]);
    expect(found(index, 'bakery')).toEqual([1]);
  });

  it('tells which of the query’s words were found, as the query has them', () => {
    const [match] = indexOf('Ana lives in Lisbon').search('Living in Lisbon or Porto', 1);
    expect(match?.terms).toEqual(['living', 'lisbon']);
  });

  it('finds a replaced text by its new words only', () => {
    const index = indexOf('tomatoes');
    index.set(0, textDocument('cucumbers'));
    expect(found(index, 'tomatoes')).toEqual([]);
    expect(found(index, 'cucumbers')).toEqual([0]);
  });

  it('never finds what was removed, and removes what is not there without a word', () => {
    const index = indexOf('tomatoes', 'tomatoes');
    index.remove(0);
    index.remove(7);
    expect(found(index, 'tomatoes')).toEqual([1]);
  });

  it('finds members of a filter only', () => {
    expect(found(indexOf('oak', 'oak', 'oak'), 'oak', Bitset.of([1]))).toEqual([1]);
  });

  it('puts equal scores in the order of their ordinals', () => {
    expect(found(indexOf('oak', 'oak', 'oak'), 'oak')).toEqual([0, 1, 2]);
  });

  it('gives the lowest ordinals of equal scores, in whichever order they came and wherever they are', () => {
    const index = new LexicalIndex();
    for (let i = 0; i < 60; i += 1) {
      index.set((i * 37) % 60, textDocument('oak'));
      if (i % 9 === 0) index.seal();
    }
    expect(found(index, 'oak')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('what each term adds', () => {
  it('is told of given memories, with the different words of their contents', () => {
    const index = indexOf('oak and elm', 'oak oak oak', 'ash');
    index.seal();
    index.set(3, textDocument('the elm'));
    const { terms, idf, impacts, lengths } = index.impacts('elms, oaks or figs', Uint32Array.of(0, 1, 3, 9));
    expect(terms).toEqual(['elms', 'oaks', 'figs']);
    expect(idf[2]).toBeGreaterThan(idf[0] as number);
    expect(Array.from(impacts, (impact) => impact > 0)).toEqual(
      [true, true, false, false, true, false, true, false, false].concat(new Array(3).fill(false)),
    );
    expect(impacts[4]).toBeGreaterThan(impacts[1] as number);
    expect([...lengths]).toEqual([3, 1, 2, 0]);
  });

  it('is nothing where nothing is asked for, or nothing is held', () => {
    expect(indexOf('oak').impacts('', Uint32Array.of(0)).impacts).toHaveLength(0);
    expect([...new LexicalIndex().impacts('oak', Uint32Array.of(0, 1)).impacts]).toEqual([0, 0]);
  });
});

describe('words that wait to be indexed', () => {
  it('are found, counted, replaced and removed as all others are', () => {
    const index = indexOf('Ana paints', 'Bo reads', 'Cy sings');
    expect(index.size).toBe(3);
    expect([...index.ordinals()].sort()).toEqual([0, 1, 2]);
    index.remove(1);
    index.set(2, textDocument('Cy dances'));
    expect(index.size).toBe(2);
    expect([index.has(0), index.has(1), index.has(2)]).toEqual([true, false, true]);
    expect(found(index, 'reads sings')).toEqual([]);
    expect(found(index, 'paints dances')).toEqual([0, 2]);
  });

  it('are indexed a few at a time, until none is left', () => {
    const index = indexOf(...Array.from({ length: 10 }, (_, i) => `note ${i}`));
    const oneByOne = Array.from({ length: 11 }, () => index.indexWaiting(1));
    expect(oneByOne).toEqual([...new Array(9).fill(true), false, false]);
    expect(found(index, 'note')).toHaveLength(10);
  });

  it('never are more than a search can be asked to wait for', () => {
    const roundsOf = (count: number, content: string) => {
      const index = indexOf(...Array.from({ length: count }, (_, i) => `note ${i} ${content}`));
      let rounds = 1;
      while (index.indexWaiting(1)) rounds += 1;
      return rounds;
    };
    expect(roundsOf(5_000, '')).toBeLessThan(4_000);
    // Long ones are fewer: what counts is their words.
    expect(roundsOf(200, 'word '.repeat(5_000))).toBeLessThan(20);
  });
});

describe('sealed segments', () => {
  it('are found in as the buffer is, and go on being found in after a start', () => {
    const index = indexOf('Ana paints houses', 'Bo reads', 'Ana reads');
    const before = index.search('reading Ana', 10);
    index.seal();
    expect(index.search('reading Ana', 10)).toEqual(before);
    expect(reloaded(index).search('reading Ana', 10)).toEqual(before);
  });

  it('hold nothing of what was removed or replaced, not even a word', () => {
    const index = indexOf('zebra street', 'quagga street', 'okapi street');
    index.seal();
    expect(isInBytes(index, 'zebra')).toBe(true);
    index.remove(0);
    index.set(1, textDocument('giraff street'));
    index.seal();
    expect(['zebra', 'quagga', 'okapi', 'giraff'].filter((word) => isInBytes(index, word))).toEqual([
      'okapi',
      'giraff',
    ]);
    expect([...index.ordinals()].sort()).toEqual([1, 2]);
  });

  it('are none where everything was removed', () => {
    const index = indexOf('zebra');
    index.seal();
    index.remove(0);
    index.seal();
    expect([index.segments.size, index.size, index.has(0)]).toEqual([0, 0, false]);
  });

  it('hold nothing of what was removed before it was sealed', () => {
    const index = indexOf('zebra street', 'okapi street');
    index.remove(0);
    index.seal();
    expect([isInBytes(index, 'zebra'), isInBytes(index, 'okapi')]).toEqual([false, true]);
  });

  it('stay as they are where nothing of theirs has changed', () => {
    const index = indexOf('oak', 'elm');
    index.seal();
    const [before] = index.segments;
    index.seal();
    expect([...index.segments]).toEqual([before]);
    index.set(2, textDocument('ash'));
    index.seal();
    expect(index.segments.get(before?.[0] ?? -1)).toBe(before?.[1]);
  });

  it('never have an id that another one had', () => {
    const index = new LexicalIndex();
    const ids = new Set<number>();
    let known: readonly number[] = [];
    for (let ordinal = 0; ordinal < 60; ordinal += 1) {
      index.set(ordinal % 20, textDocument(`word${ordinal}`));
      index.seal();
      const now = [...index.segments.keys()];
      for (const id of now.filter((each) => !known.includes(each))) {
        expect(ids.has(id)).toBe(false);
        ids.add(id);
      }
      known = now;
    }
    const again = reloaded(index);
    again.set(99, textDocument('oak'));
    again.seal();
    expect([...again.segments.keys()].filter((id) => !known.includes(id) && ids.has(id))).toEqual([]);
  });

  it('stay few and below their greatest length, however often there is a fold', () => {
    const index = new LexicalIndex();
    const random = createRandom(5);
    const word = () => `w${Math.floor(random() ** 3 * 20_000)}`;
    for (let ordinal = 0; ordinal < 6_000; ordinal += 1) {
      index.set(ordinal, textDocument(Array.from({ length: 30 }, word).join(' ')));
      if (ordinal % 250 === 249) index.seal();
    }
    const lengths = [...index.segments.values()].map(({ length }) => length);
    expect(index.size).toBe(6_000);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(SEGMENT_MAX_BYTES);
    expect(lengths.length).toBeLessThan(10);
    expect(lengths.filter((length) => length < SEGMENT_MAX_BYTES / 16).length).toBeLessThan(4);
  });

  it('are cut where long contents would make one too long', () => {
    const index = new LexicalIndex();
    const random = createRandom(6);
    const words = () =>
      Array.from({ length: 3_000 }, () => Math.floor(random() * 1e9).toString(36)).join(' ');
    for (let ordinal = 0; ordinal < 60; ordinal += 1) {
      index.set(ordinal, textDocument(`${words()} common`));
      index.seal();
    }
    const lengths = [...index.segments.values()].map(({ length }) => length);
    expect(lengths.length).toBeGreaterThan(1);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(SEGMENT_MAX_BYTES);
    expect(found(index, 'common')).toHaveLength(10);
    expect(index.search('common', 100)).toHaveLength(60);
  });

  it('are not made before they are asked for, however much is added', () => {
    const index = new LexicalIndex();
    for (let ordinal = 0; ordinal < 3_000; ordinal += 1) index.set(ordinal, textDocument(`oak n${ordinal}`));
    expect(index.segments.size).toBe(0);
    expect(found(index, 'n2999')).toEqual([2_999]);
    expect(found(index, 'n0')).toEqual([0]);
    index.remove(0);
    index.seal();
    expect(isInBytes(index, 'oak')).toBe(true);
    expect(found(index, 'n0')).toEqual([]);
    expect(reloaded(index).size).toBe(2_999);
  });
});

describe('the index’s size', () => {
  it('is that of the segments’ bytes and little more', () => {
    const index = new LexicalIndex();
    for (let ordinal = 0; ordinal < 3_000; ordinal += 1)
      index.set(ordinal, textDocument(`Ana walks to house ${ordinal} with letter ${ordinal % 77}`));
    index.seal();
    const bytes = [...index.segments.values()].reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBeLessThan(3_000 * 40);
    expect(index.memoryBytes).toBeGreaterThan(bytes);
    expect(index.memoryBytes).toBeLessThan(bytes + 300_000);
  });

  it('counts members once, replaced ones too', () => {
    const index = indexOf('oak', 'elm');
    index.seal();
    index.set(0, textDocument('ash'));
    index.set(7, textDocument(''));
    expect([index.size, [...index.ordinals()].sort(), index.has(7), index.has(2)]).toEqual([
      3,
      [0, 1, 7],
      true,
      false,
    ]);
  });
});

describe('unusual texts', () => {
  it('of no words, or of grammar alone, are held and not found', () => {
    const index = indexOf('', '… !?', 'the of and', 'oak');
    index.seal();
    expect(index.size).toBe(4);
    expect(found(index, 'the of')).toEqual([]);
    expect(found(reloaded(index), 'oak')).toEqual([3]);
  });

  it('of thousands of different words are found by each', () => {
    const index = indexOf(Array.from({ length: 16_000 }, (_, i) => `x${i}`).join(' '), 'x1');
    index.seal();
    expect(found(reloaded(index), 'x15999')).toEqual([0]);
    expect(found(index, 'x1')).toEqual([1, 0]);
  });

  it('of one endless word, in a script without spaces, are found by it', () => {
    const endless = '記憶の宮殿'.repeat(2_000);
    const index = indexOf(endless, 'aiueo'.repeat(6_000), '記憶');
    index.seal();
    expect(found(reloaded(index), endless)[0]).toBe(0);
    expect(found(index, '記憶')).toEqual([0, 2]);
  });

  it('with letters beyond the sixteen-bit plane keep their order among the others', () => {
    const words = ['\u{10400}a', '\u{1F600}', 'ﬀ', '\uFB01x', '\u{20000}', 'z', '\uA000', '\u{1D7D8}', 'é'];
    const index = indexOf(...words);
    index.seal();
    const again = reloaded(index);
    for (const [ordinal, word] of words.entries())
      if (new Analyser().wordsOf(word).length > 0) expect(found(again, word)).toContain(ordinal);
    again.set(50, textDocument('oak'));
    expect(found(again, '\u{20000}')).toEqual([4]);
  });

  it('with lone surrogates do no harm', () => {
    const index = indexOf('oak \ud800 elm', 'a\udc00b');
    index.seal();
    expect(found(reloaded(index), 'elm \ud800')).toEqual([0]);
  });

  it('may have a hundred thousand tags', () => {
    const index = new LexicalIndex();
    const tags = Array.from({ length: 100_000 }, (_, i) => `tag${i}`);
    index.set(3, textDocument('oak', { tags }));
    index.set(4, textDocument('elm', { tags: Array.from(tags, () => 'alike') }));
    index.seal();
    const again = reloaded(index);
    expect(found(again, 'tag99999')).toEqual([3]);
    expect(found(again, 'alike')).toEqual([4]);
  });

  it('may have any ordinal, and no other number', () => {
    const index = new LexicalIndex();
    const ordinals = [2 ** 32 - 1, 2 ** 31, 2 ** 31 - 1, 0];
    for (const ordinal of ordinals) index.set(ordinal, textDocument('oak'));
    index.seal();
    expect(found(reloaded(index), 'oak')).toEqual(ordinals.toReversed());
    expect(found(index, 'oak', Bitset.of([0, 5]))).toEqual([0]);
    for (const wrong of [-1, 1.5, Number.NaN, 2 ** 32])
      expect(() => index.set(wrong, textDocument('oak'))).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT' }),
      );
    expect(index.size).toBe(4);
  });

  it('may be asked for in many more words than a number has bits', () => {
    const words = Array.from({ length: 100 }, (_, i) => `q${i}`);
    const index = indexOf(words.join(' '), 'q99 q3', 'q40');
    index.seal();
    const matches = index.search(`${words.join(' ')} q99`, 10);
    expect(matches.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
    expect(matches[0]?.terms).toEqual(words);
    expect(matches[1]?.terms).toEqual(['q3', 'q99']);
    expect(index.search('q40', 10)[0]?.terms).toEqual(['q40']);
  });

  it('may be asked for with a limit below one, which finds nothing', () => {
    const index = indexOf('oak');
    for (const limit of [0, -1, Number.NaN]) expect(index.search('oak', limit)).toEqual([]);
    expect(index.search('oak', Number.POSITIVE_INFINITY)).toHaveLength(1);
  });
});
