import crc32 from 'crc-32';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { isLociError } from '../errors.ts';
import { LexicalIndex } from './lexical-index.ts';
import { isInBytes, textDocument } from './lexical-test-util.ts';
import { SEGMENT_VERSION } from './segment-format.ts';
import { TEXT_VERSION } from './terms.ts';

// Thousands of histories, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** A stored segment of enough terms for several blocks, with all fields in use. */
function stored(): Uint8Array {
  const index = new LexicalIndex();
  for (let ordinal = 0; ordinal < 40; ordinal += 1)
    index.set(
      ordinal * 3,
      textDocument(`house house number${ordinal} of street ${ordinal % 7} ${'oak '.repeat(ordinal)}`, {
        speaker: ordinal % 2 === 0 ? 'Ines' : 'Bo',
        tags: ordinal % 5 === 0 ? ['garden oak'] : [],
      }),
    );
  index.seal();
  const [bytes] = index.segments.values();
  if (bytes === undefined) throw new Error('nothing was sealed');
  return bytes;
}

/** The bytes with the checksum that belongs to them, as a faulty writer would have written them. */
function signed(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - 4;
  new DataView(bytes.buffer).setInt32(end, crc32.buf(bytes.subarray(0, end)), true);
  return bytes;
}

function load(bytes: Uint8Array): LexicalIndex {
  const index = new LexicalIndex();
  index.load(1, bytes);
  return index;
}

/** What the call gives; undefined where it is refused with a typed error. */
function orRefused<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (!isLociError(error)) throw error;
    return undefined;
  }
}

const corrupt = (part?: string) =>
  expect.objectContaining({
    code: 'STORAGE_CORRUPT',
    ...(part === undefined ? {} : { details: expect.objectContaining({ part }) }),
  });

describe('a stored segment', () => {
  it('may lie anywhere in a larger buffer, of which it keeps nothing', () => {
    const bytes = stored();
    const larger = new Uint8Array(bytes.length + 11);
    larger.set(bytes, 5);
    const index = load(larger.subarray(5, 5 + bytes.length));
    larger.fill(0);
    expect(index.search('number7', 1)[0]?.ordinal).toBe(21);
    expect(isInBytes(index, 'number')).toBe(true);
  });

  it('shows any single changed byte, and nothing of it is then in the index', () => {
    const bytes = stored();
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const broken = bytes.slice();
        broken[at] = (broken[at] ?? 0) ^ flip;
        const index = new LexicalIndex();
        expect(() => index.load(1, broken)).toThrow(corrupt());
        expect([index.size, index.segments.size]).toEqual([0, 0]);
      }),
      { numRuns: 500 },
    );
  });

  it('shows every truncation and every appended byte', () => {
    const bytes = stored();
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => load(bytes.slice(0, length))).toThrow(corrupt());
    expect(() => load(new Uint8Array([...bytes, 0]))).toThrow(corrupt('length'));
  });

  it('that does not fit together is refused, or used without harm, though its checksum is right', () => {
    const bytes = stored();
    const changes = fc.array(fc.tuple(fc.nat({ max: bytes.length - 5 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    let used = 0;
    fc.assert(
      fc.property(changes, (changed) => {
        const broken = bytes.slice();
        for (const [at, byte] of changed) broken[at] = byte;
        orRefused(() => {
          const index = load(signed(broken));
          for (const word of ['house', 'oak', 'garden', 'Ines', 'number3', 'street']) {
            const found = orRefused(() => index.search(word, 100)) ?? [];
            for (const { ordinal, score } of found) {
              expect(index.has(ordinal)).toBe(true);
              expect(score).toBeGreaterThan(0);
            }
          }
          index.remove([...index.ordinals()][0] as number);
          index.seal();
          for (const again of index.segments.values()) load(again.slice());
          used += 1;
        });
      }),
      { numRuns: 1_000 },
    );
    expect(used).toBeGreaterThan(20);
  });

  it('with postings that cannot be read loses nothing of the others', () => {
    const broken = stored().slice();
    // The last postings are those of 'street': one of them is now far behind the last document.
    broken.set([0xff, 0x7f], broken.length - 6);
    const index = load(signed(broken));
    index.set(1_000, textDocument('oak street'));
    const before = index.search('oak', 100);
    expect(() => index.search('oak house street', 100)).toThrow(corrupt('postings'));
    expect(index.search('oak', 100)).toEqual(before);
    index.remove(0);
    expect(() => index.seal()).toThrow(corrupt('postings'));
    expect([index.size, index.has(1_000)]).toEqual([40, true]);
  });

  it('of a newer version is told apart from a broken one', () => {
    const newer = stored().slice();
    newer[4] = SEGMENT_VERSION + 1;
    expect(() => load(newer)).toThrow(corrupt('checksum'));
    expect(() => load(signed(newer))).toThrow(
      expect.objectContaining({
        code: 'NEWER_FORMAT',
        details: { version: SEGMENT_VERSION + 1, newest: SEGMENT_VERSION },
      }),
    );
  });

  it('of another tokeniser or stemmer says so', () => {
    const other = stored().slice();
    other[6] = TEXT_VERSION + 1;
    expect(() => load(signed(other))).toThrow(corrupt('text version'));
  });

  it('is refused where the index holds one of its memories, in a segment or in the buffer', () => {
    const bytes = stored();
    const index = load(bytes);
    expect(() => index.load(2, bytes.slice())).toThrow(corrupt('ordinals'));
    expect(index.segments.size).toBe(1);
    const buffered = new LexicalIndex();
    buffered.set(3, textDocument('oak'));
    expect(() => buffered.load(1, bytes)).toThrow(corrupt('ordinals'));
    expect([buffered.size, buffered.segments.size]).toEqual([1, 0]);
  });

  it('is refused under an id that is taken', () => {
    const index = load(stored());
    expect(() => index.load(1, stored())).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});
