import { describe, expect, it } from 'vitest';
import { TERMS_KEPT } from '../limits.ts';
import { queryTerm } from './query.ts';
import { Segment } from './segment.ts';
import { PLACE_NUMBERS, TermPlaces } from './term-places.ts';
import { Analyser } from './terms.ts';
import { WriteBuffer } from './write-buffer.ts';

const analyser = new Analyser();

function segmentOf(first: number, contents: readonly string[]): Segment {
  const buffer = new WriteBuffer(analyser);
  contents.forEach((content, i) => {
    buffer.add(first + i, { content, tags: [] });
  });
  const bytes = buffer.toSegment();
  if (bytes === undefined) throw new Error('nothing to search');
  return new Segment(bytes);
}

const termOf = (word: string) => queryTerm({ term: word, word, count: 1, group: 0, weight: 1 });
const counts = (places: Uint32Array) =>
  Array.from({ length: places.length / PLACE_NUMBERS }, (_, i) => places[i * PLACE_NUMBERS + 1]);

describe('where terms stand', () => {
  const two = [segmentOf(0, ['oak', 'oak and elm']), segmentOf(2, ['elm', 'ash'])];

  it('is told for each segment, with zeros for those that have not the term', () => {
    const places = new TermPlaces();
    expect(counts(places.find(termOf('oak'), two))).toEqual([2, 0]);
    expect(counts(places.find(termOf('elm'), two))).toEqual([1, 1]);
    expect(counts(places.find(termOf('pine'), two))).toEqual([0, 0]);
  });

  it('is not looked for again while the segments are the same', () => {
    const places = new TermPlaces();
    const found = places.find(termOf('oak'), two);
    expect(places.find(termOf('oak'), [...two])).toBe(found);
  });

  it('is looked for again when a segment has come or gone, or was replaced', () => {
    const places = new TermPlaces();
    places.find(termOf('oak'), two);
    expect(counts(places.find(termOf('oak'), [...two, segmentOf(9, ['oak'])]))).toEqual([2, 0, 1]);
    expect(counts(places.find(termOf('oak'), [segmentOf(2, ['oak']), two[1] as Segment]))).toEqual([1, 0]);
    expect(counts(places.find(termOf('oak'), [two[1] as Segment]))).toEqual([0]);
  });

  it('is forgotten of the terms asked longest ago, and found again', () => {
    const places = new TermPlaces();
    const found = places.find(termOf('oak'), two);
    for (let i = 0; i < TERMS_KEPT; i += 1) places.find(termOf(`word${i}`), two);
    const again = places.find(termOf('oak'), two);
    expect(again).not.toBe(found);
    expect(again).toEqual(found);
  });
});
