import { describe, expect, it } from 'vitest';
import { pack } from './pack.ts';

const MAY_8 = Date.UTC(2023, 4, 8, 13, 56);
const MAY_9 = Date.UTC(2023, 4, 9, 9);
/** Words, for want of tokens: a heading has three. */
const words = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;

const turn = (content: string, position: number, createdAt: number | undefined = MAY_8) => ({
  ...{ content, position, createdAt },
  speaker: 'Ann',
});

describe('a packed context', () => {
  it('has a line a turn under a heading a day, the best day first and a day as it was said', () => {
    const packed = pack([turn('second', 1), turn('tomorrow', 0, MAY_9), turn('first', 0)], 100, words);
    expect(packed).toBe('8 May 2023\nAnn: first\nAnn: second\n9 May 2023\nAnn: tomorrow\n');
  });

  it('takes the best first, leaves out what does not fit, and goes on with shorter ones', () => {
    const packed = pack([turn('one two', 0), turn('a b c d e f', 1), turn('three', 2)], 8, words);
    expect(packed).toBe('8 May 2023\nAnn: one two\nAnn: three\n');
  });

  it('holds a budget to the last token, headings counted', () => {
    const turns = [turn('one two', 0), turn('three', 0, MAY_9)];
    expect(words(pack(turns, 11, words))).toBe(11);
    expect(pack(turns, 10, words)).toBe('8 May 2023\nAnn: one two\n');
  });

  it('never exceeds its budget where the whole has more tokens than its lines', () => {
    const dear = (text: string) => words(text) + (text.includes('\nAnn: second') ? 5 : 0);
    const packed = pack([turn('first', 0), turn('second', 1)], 8, dear);
    expect(packed).toBe('8 May 2023\nAnn: first\n');
  });

  it('keeps a text as it was said, with its own lines', () => {
    const said = '  It was like this:\n- one\n- two';
    expect(pack([turn(said, 0)], 100, words)).toContain(said);
  });

  it('has no heading and no name where none is known', () => {
    const packed = pack(
      [{ content: 'a note', speaker: undefined, position: 0, createdAt: undefined }],
      100,
      words,
    );
    expect(packed).toBe('a note\n');
  });

  it('is empty where nothing fits', () => {
    expect(pack([turn('one two', 0)], 3, words)).toBe('');
  });
});
