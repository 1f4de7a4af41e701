import { describe, expect, it } from 'vitest';
import { createHashingEmbedder } from '../../src/embedding/hashing.ts';
import { parseConversations } from './data.ts';
import { timed } from './embedders.ts';
import { reportOf } from './report.ts';
import { measure, run } from './run.ts';
import type { Corpus, SystemSpec } from './system.ts';
import { lociSystems } from './systems/loci.ts';

const turn = (dia_id: string, speaker: string, text: string) => ({ dia_id, speaker, text });

/** Two conversations that name the same things: an answer must come out of its own. */
const CONVERSATIONS = parseConversations(
  ['Ann', 'Eve'].map((potter, i) => ({
    sample_id: `pottery/${potter}`,
    conversation: {
      session_1_date_time: '9:05 am on 3 March, 2024',
      session_1: [
        turn('D1:1', potter, `My kiln reached ${900 + i} degrees over night.`),
        turn('D1:2', 'Bob', 'Did the glaze hold?'),
        turn('D1:3', potter, 'It ran off every plate, so I shall fire slower.'),
      ],
      session_2_date_time: '6:40 pm on 12 April, 2024',
      session_2: [
        turn('D2:1', 'Bob', 'I planted plum trees behind the shed.'),
        turn('D2:2', potter, 'Plum wood ash makes a fine glaze, keep some for me!'),
      ],
    },
    qa: [
      { question: 'How hot did the kiln get?', evidence: ['D1:1'], category: 4 },
      { question: 'What did Bob plant behind the shed?', evidence: ['D2:1'], category: 4 },
      { question: 'What happened with the glaze, and what ash makes one?', evidence: ['D1:03; D2:2'] },
      { question: 'Who sold the house?', evidence: [] },
    ],
  })),
);

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;
const modelOf = async () => timed(createHashingEmbedder());
const systemOf = (name: string) => {
  const system = lociSystems.find((each) => each.name === name);
  if (system === undefined) throw new Error(`there is no ${name}`);
  return system;
};

describe('a run on conversations of our own', () => {
  it.each(['loci-builtin', 'bm25', 'vectors-builtin'])('finds all of so little by %s', async (name) => {
    const system = systemOf(name);
    const measured = await measure(system, CONVERSATIONS, modelOf, words);
    const figures = reportOf(system, measured);
    // Five turns and five ranks: what is returned at all is among the first five.
    expect(measured.searchMs).toHaveLength(6);
    expect(measured.added).toBe(10);
    expect(figures).toMatchObject({ n: 6, r10: figures.r5 });
    expect(figures.r5).toBeGreaterThan(0.8);
    expect(figures.mrr).toBeGreaterThan(0.6);
    expect(figures.byCategory['4']?.n).toBe(4);
    expect(figures.byCategory.none?.n).toBe(2);
    expect(Object.keys(figures.byConversation)).toEqual(['pottery/Ann', 'pottery/Eve']);
    expect(figures.evidenceKept['500']).toBe(figures.r5);
    expect(figures.addPerSecond).toBeGreaterThan(0);
  });
});

describe('a system', () => {
  /** Answers the same whatever is asked, and tells what was done with it. */
  const fixed = (returned: readonly number[], more: Partial<SystemSpec> = {}) => {
    const calls: string[] = [];
    const corpus: Corpus = {
      add: async (turns) => void calls.push(`add ${turns.length}`),
      search: async () => returned,
      close: async () => void calls.push('close'),
    };
    const system: SystemSpec = {
      ...{ name: 'fixed', about: 'a fixed answer', embedder: null },
      open: async () => corpus,
      ...more,
    };
    return { system, calls };
  };
  const [own] = CONVERSATIONS;
  if (own === undefined) throw new Error('there is no conversation');
  const none = () => undefined;

  it('is measured by ranks as it returned them', async () => {
    const { system, calls } = fixed([3, 0, 4]);
    const { systems } = await run([own], [system], words, none);
    // Places 0, 3, and 2 with 4, at the ranks 2, 1, and none with 3.
    expect(systems[0]).toMatchObject({ n: 3, r5: 2.5 / 3, mrr: (1 / 2 + 1 + 1 / 3) / 3 });
    expect(systems[0]?.evidenceKept['500']).toBe(2.5 / 3);
    expect(calls).toEqual(['add 5', 'close']);
  });

  it('is measured without packed contexts where tokens cannot be counted', async () => {
    const { systems } = await run([own], [fixed([3, 0, 4]).system], undefined, none);
    expect(systems[0]).toMatchObject({ r5: 2.5 / 3, evidenceKept: {} });
  });

  it('that cannot be measured is named with its reason, and the others go on', async () => {
    const failing = async () => {
      throw new Error('out of order');
    };
    const { systems, skipped } = await run(
      [own],
      [
        fixed([], { name: 'absent', whyNot: () => 'it is not installed' }).system,
        fixed([], { name: 'broken', open: failing }).system,
        fixed([], { name: 'elsewhere', conversation: 'another' }).system,
        fixed([0]).system,
      ],
      words,
      none,
    );
    expect(systems.map(({ name }) => name)).toEqual(['fixed']);
    expect(skipped).toEqual([
      { name: 'absent', reason: 'it is not installed' },
      { name: 'broken', reason: 'out of order' },
      { name: 'elsewhere', reason: 'another is not among the conversations' },
    ]);
  });

  it('is closed even where a search fails', async () => {
    const { system, calls } = fixed([]);
    const open = async (): Promise<Corpus> => ({
      ...(await system.open(own, modelOf)),
      search: () => Promise.reject(new Error('it fell over')),
    });
    const { skipped } = await run([own], [{ ...system, open }], words, none);
    expect(skipped).toEqual([{ name: 'fixed', reason: 'it fell over' }]);
    expect(calls).toContain('close');
  });
});
