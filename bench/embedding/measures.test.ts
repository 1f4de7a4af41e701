import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtinIdentity } from '../../src/embedding/builtin/encoder.ts';
import { SHIPPED } from '../../src/embedding/builtin/shipped.ts';
import { type Calibration, calibrationBetween } from '../../src/embedding/calibration.ts';
import { measurePairs } from './calibration.ts';
import { readLocomo, scoreLocomo } from './locomo.ts';
import { scoreMixture } from './mixture.ts';
import { mixtureFigures, pairOf } from './mixture-figures.ts';
import { readOptions } from './options.ts';
import { QUESTIONS, SENTENCES, scoreParaphrases } from './paraphrase/score.ts';
import { type Report, tablesOf } from './report.ts';
import { bytesPerVector } from './storage.ts';
import { readSts, scoreSts } from './sts.ts';
import { longSentences, sentencesPerSecond } from './timing.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loci-bench-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('STS', () => {
  it('is read with commas and quotes within sentences', () => {
    const file = written('sts.csv', 'A cat.,A dog.,1.5\n"Yes, ""really"".","No, never.",0\n');
    expect(readSts(file)).toEqual([
      { a: 'A cat.', b: 'A dog.', score: 1.5 },
      { a: 'Yes, "really".', b: 'No, never.', score: 0 },
    ]);
  });

  it('is refused with the line where a score is missing', () => {
    expect(() => readSts(written('sts.csv', 'a,b,1\na,b\n'))).toThrow(/line 2/);
  });

  it('is scored by the order of cosines', () => {
    const pairs = [0, 1, 2].map((score) => ({ a: 'x', b: `${score}`, score }));
    const vectorOf = (text: string) => {
      const angle = text === 'x' ? 0 : 1.5 - Number(text) / 2;
      return Float32Array.of(Math.cos(angle), Math.sin(angle));
    };
    expect(scoreSts(pairs, vectorOf)).toBeCloseTo(1);
  });
});

/** One axis a sentence of its own: only the same text is near. */
const place = new Map([...QUESTIONS, ...SENTENCES].map((text, i) => [text, i]));
const axis = (at: number) => {
  const vector = new Float32Array(place.size);
  vector[at] = 1;
  return vector;
};

describe('paraphrases', () => {
  it('are all found first by one who knows the answers', () => {
    const queryOf = (text: string) => axis(place.get(SENTENCES[QUESTIONS.indexOf(text)] ?? '') ?? 0);
    const documentOf = (text: string) => axis(place.get(text) ?? 0);
    expect(scoreParaphrases(queryOf, documentOf)).toEqual({ top1: 1, top10: 1 });
  });

  it('are not found by one who takes all others for nearer', () => {
    const queryOf = (text: string) =>
      axis(place.get(SENTENCES[QUESTIONS.indexOf(text)] ?? '') ?? 0).map((value) => -value);
    const documentOf = (text: string) => axis(place.get(text) ?? 0);
    expect(scoreParaphrases(queryOf, documentOf)).toEqual({ top1: 0, top10: 0 });
  });
});

const TURNS = [
  'The cat is called Miso',
  'We went to Lisbon',
  'I like tea',
  ...Array(30).fill('Well, hello there'),
];
const SAMPLE = [
  {
    sample_id: 'conv-1',
    conversation: {
      session_1: TURNS.map((text, i) => ({ speaker: 'Ana', dia_id: `D1:${i + 1}`, text })),
      session_1_date_time: '1 May 2023',
    },
    qa: [
      { question: 'Where did they travel?', evidence: ['D1:02; D1:3', 'D9:9'] },
      { question: 'Nothing known?', evidence: ['D7:7'] },
    ],
  },
];

describe('LoCoMo', () => {
  const read = () => readLocomo(written('locomo.json', JSON.stringify(SAMPLE)));

  it('takes evidence in all its spellings, and leaves out questions without', () => {
    expect(read()[0]?.questions).toMatchObject([{ question: 'Where did they travel?', evidence: [1, 2] }]);
  });

  it('is scored by the share of evidence among the first ten', () => {
    const one = (text: string) => (text.startsWith('Where') || text.includes('Lisbon') ? 1 : 0);
    const vectorOf = (text: string) => Float32Array.of(one(text), 1 - one(text));
    // Lisbon is near; tea is as far as all others, and an earlier one of them.
    expect(scoreLocomo(read(), vectorOf, vectorOf, 0)).toBe(1);
    const away = (text: string) => (text.startsWith('Where') ? vectorOf('x') : vectorOf(text));
    expect(scoreLocomo(read(), away, vectorOf, 0)).toBe(0.5);
  });

  it('loses nothing to a mixture of two scales once they are calibrated', () => {
    const [sample] = SAMPLE;
    const qa = [{ question: 'Where did they travel?', evidence: ['D1:2'] }];
    const conversations = readLocomo(written('one.json', JSON.stringify([{ ...sample, qa }])));
    const near = (text: string, angle: number) => {
      const at = text.startsWith('Where') ? 0 : text.includes('Lisbon') ? angle / 2 : angle;
      return Float32Array.of(Math.cos(at), Math.sin(at));
    };
    const [wide, narrow] = [(text: string) => near(text, 1.2), (text: string) => near(text, 0.3)];
    const texts = ['Where did they travel?', ...TURNS];
    const pairs = [narrow, wide].map(
      (vectorOf) => measurePairs([{ id: 'x', space: 's', vectorOf }], texts)[0],
    );
    const [from, to] = pairs;
    if (from === undefined || to === undefined) throw new Error('nothing was measured');
    const asIs = { factor: 1, offset: 0 };
    const input = { oldQueryOf: narrow, newQueryOf: wide, oldDocumentOf: narrow, newDocumentOf: wide };
    const scores = (oldCalibration: Calibration) =>
      [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
        scoreMixture(conversations, { ...input, oldCalibration, newCalibration: asIs, seed }),
      );
    expect(new Set(scores(calibrationBetween(from, to)))).toEqual(new Set([1]));
    expect(scores(asIs)).toContain(0);
  });
});

describe('timing', () => {
  it('counts what is embedded, of sentences of fifteen words', { timeout: 30_000 }, async () => {
    const sentences = longSentences(SENTENCES);
    expect(sentences.length).toBeGreaterThan(100);
    for (const sentence of sentences) expect(sentence.split(' ').length).toBe(15);
    let calls = 0;
    const embed = async (texts: readonly string[]) => {
      calls++;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return texts.map(() => new Float32Array(1));
    };
    const rate = await sentencesPerSecond({ embed }, sentences);
    expect(calls).toBeGreaterThan(4);
    expect(rate).toBeLessThanOrEqual(320);
  });
});

describe('the mixture of the built-in model and MiniLM', () => {
  it.each([384, 256])('has figures for the calibration of every pair of %i dimensions', (dimensions) => {
    const builtin = builtinIdentity(SHIPPED, dimensions);
    const id = `all-MiniLM-L6-v2@q8${dimensions === 384 ? '' : `-${dimensions}`}`;
    const models = [builtin, { id, space: builtin.space }];
    const pairs = models.flatMap((query) => models.map((document) => pairOf(query, document)));
    expect(new Set(pairs.map((pair) => pair?.mean)).size).toBe(4);
    expect(pairs).not.toContain(undefined);
  });

  it('is not measured where a model or the conversations are missing', () => {
    expect(mixtureFigures(undefined, undefined, [], 1)).toMatchObject({ locomoR10: null, shares: [] });
  });
});

describe('what a vector costs', () => {
  it('is a third less in 256 dimensions, in the index and in storage', { timeout: 60_000 }, async () => {
    const [whole, reduced] = [await bytesPerVector(384), await bytesPerVector(256)];
    expect(reduced.stored / whole.stored).toBeCloseTo(2 / 3, 1);
    expect(reduced.index / whole.index).toBeLessThan(0.8);
    expect(whole.index).toBeGreaterThan(whole.stored);
  });
});

describe('options and report', () => {
  it('refuse a file that is not there, and an unknown option', () => {
    expect(() => readOptions(['--sts', join(folder, 'no.csv')])).toThrow(/--sts/);
    expect(() => readOptions(['--nonsense'])).toThrow(/npm run bench:embedding/);
    expect(readOptions(['--json', '--no-browser'])).toMatchObject({ isJson: true, isBrowserWanted: false });
  });

  it('say what was not measured with a dash', () => {
    const report: Report = {
      embedders: [
        {
          id: 'a',
          bytes: 4_400_000,
          dimensions: 384,
          bytesPerVector: { index: 654.4, stored: 600 },
          loadMs: 12,
          sentencesPerSecond: { node: 30_000, chromium: null },
          sts: 0.8213,
          locomoR10: null,
          paraphrase: { top1: 0.25, top10: 0.7 },
        },
      ],
      pairs: [{ query: 'a', document: 'b', locomoR10: 0.68, paraphraseTop10: 0.8 }],
      mixture: {
        locomoR10: 0.679,
        ownQueryR10: null,
        minilmQueryR10: null,
        uncalibratedR10: null,
        shares: [],
      },
      mixture256: {
        locomoR10: 0.681,
        ownQueryR10: null,
        minilmQueryR10: 0.675,
        uncalibratedR10: null,
        shares: [{ query: 'a@256', share: 0.25, isCalibrated: true, locomoR10: 0.68, paraphraseTop10: 0.75 }],
      },
      machine: 'm',
      browser: null,
      date: '2026-01-01',
      skipped: [],
    };
    expect(tablesOf(report)).toContain(
      '| a | 4.4 MB | 12 ms | 30,000 | – | .821 | – | .250 | .700 | 654 | 600 |',
    );
    expect(tablesOf(report)).toContain('| a | b | .680 | .800 |');
    expect(tablesOf(report)).toContain('R@10 .679 asked by the built-in model, – by MiniLM');
    expect(tablesOf(report)).toContain(
      '(256 dimensions): LoCoMo R@10 .681 asked by the built-in model, .675',
    );
    expect(tablesOf(report)).toContain('| a@256 | 25 % | yes | .680 | .750 |');
  });
});
