import { describe, expect, it } from 'vitest';
import { createRandom } from '../testing/environment.ts';
import type { MemoryEngine, NewMemory, SearchOptions } from '../types.ts';
import { openTestEngine } from './engine-test-util.ts';

const DIMENSIONS = 64;

/** A vector of unit length that nothing is meant by. */
function randomVector(random: () => number): Float32Array {
  const vector = Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5);
  const length = Math.hypot(...vector);
  return vector.map((each) => each / length);
}

const PLACES = [
  'harbour',
  'library',
  'bakery',
  'stable',
  'orchard',
  'quarry',
  'chapel',
  'sawmill',
  'vineyard',
  'tannery',
];
const THINGS = ['lantern', 'ladder', 'kettle', 'anvil', 'violin', 'barrel', 'saddle', 'mirror'];
const DEEDS = ['painted', 'repaired', 'borrowed', 'hid', 'sold'];

/** What happened in a village: each place, thing and deed once together. */
const corpus: readonly NewMemory[] = PLACES.flatMap((place, p) =>
  THINGS.map((thing, t) => ({
    content: `We ${DEEDS[(p + t) % DEEDS.length]} the ${thing} in the ${place}, which took half of the day.`,
    sessionId: `day-${p}`,
    position: t,
    tags: [place],
  })),
);
const questions = corpus.map((_, i) => ({
  text: `the ${THINGS[i % THINGS.length]} of the ${PLACES[Math.floor(i / THINGS.length)]}`,
  wanted: i,
}));

async function open(vectors?: () => Float32Array): Promise<{ engine: MemoryEngine; ids: readonly string[] }> {
  const engine = await openTestEngine();
  const embedded = corpus.map((memory) =>
    vectors === undefined
      ? memory
      : { ...memory, embedding: { modelId: 'random@1', space: 'random', vector: vectors() } },
  );
  const { ids } = await engine.addMany(embedded);
  return { engine, ids };
}

/** Share of the questions whose memory is first, and among the first five. */
async function found(engine: MemoryEngine, ids: readonly string[], optionsOf: () => SearchOptions) {
  let [first, five] = [0, 0];
  for (const { text, wanted } of questions) {
    const { hits } = await engine.search(text, { limit: 5, ...optionsOf() });
    if (hits[0]?.id === ids[wanted]) first += 1;
    if (hits.some(({ id }) => id === ids[wanted])) five += 1;
  }
  return { first: first / questions.length, five: five / questions.length };
}

describe('a model whose vectors say nothing', () => {
  it('finds about what words alone find', async () => {
    const random = createRandom(11);
    const { engine, ids } = await open(() => randomVector(random));
    const alone = await found(engine, ids, () => ({ arms: ['lexical'] }));
    const both = await found(engine, ids, () => ({
      embedding: { space: 'random', vector: randomVector(random) },
    }));
    expect(alone.five).toBeGreaterThan(0.9);
    expect(both.five).toBeGreaterThanOrEqual(alone.five - 0.05);
    expect(both.first).toBeGreaterThanOrEqual(alone.first - 0.1);
    await engine.close();
  });

  it('is told to be trusted little', async () => {
    const random = createRandom(12);
    const { engine } = await open(() => randomVector(random));
    const trusts: number[] = [];
    for (const { text } of questions) {
      const { hits } = await engine.search(text, {
        embedding: { space: 'random', vector: randomVector(random) },
      });
      const trust = hits.flatMap(({ why }) => why.vector?.trust ?? [])[0];
      if (trust !== undefined) trusts.push(trust);
    }
    expect(trusts.length).toBeGreaterThan(questions.length / 2);
    expect(trusts.reduce((sum, trust) => sum + trust, 0) / trusts.length).toBeLessThan(0.35);
    await engine.close();
  });
});

describe('a search under a filter', () => {
  const question = 'what was done with the lantern of the harbour';

  it('finds nothing outside it, by whichever arm or neighbour', async () => {
    const { engine } = await open();
    for (const arms of [undefined, ['vector'], ['lexical'], ['association']] as const) {
      const { hits, plan } = await engine.search(question, {
        ...{ limit: 100, filter: { tags: { $in: ['library', 'bakery'] } } },
        arms,
      });
      expect(plan.considered).toBe(2 * THINGS.length);
      for (const { memory } of hits) expect(['library', 'bakery']).toContain(memory.tags[0]);
    }
    await engine.close();
  });

  it('judges what it finds as though nothing else were there beside it', async () => {
    // A filter that lets one through of each pair of neighbours: the other must not speak for it. How rare a word is,
    // which `passage` rests on, is counted over all memories.
    const memories = (isKept: boolean): readonly NewMemory[] =>
      [
        { content: 'Where is the lantern of the harbour?', sessionId: 's', position: 0, tags: ['out'] },
        { content: 'On the shelf.', sessionId: 's', position: 1, tags: ['in'] },
        { content: 'The lantern of the harbour was sold.', sessionId: 's', position: 2, tags: ['out'] },
        { content: 'A lantern is a lamp.', sessionId: 't', position: 0, tags: ['in'] },
      ].filter(({ tags }) => isKept || tags[0] === 'in');
    const signals = async (isKept: boolean) => {
      const engine = await openTestEngine();
      await engine.addMany(memories(isKept));
      const { hits } = await engine.search('lantern of the harbour', {
        ...{ filter: { tags: { $in: ['in'] } }, arms: ['lexical'] },
      });
      await engine.close();
      return hits.map(({ memory, why }) => [
        memory.content,
        why.foundBy,
        why.signals
          .filter(({ signal }) => ['session', 'echo', 'answer'].includes(signal))
          .map(({ signal, value }) => [signal, value]),
      ]);
    };
    const filtered = await signals(true);
    expect(filtered).toEqual(await signals(false));
    expect(filtered.map(([content]) => content)).toEqual(['A lantern is a lamp.']);
  });

  it('finds the neighbour that answers where no filter keeps the question out', async () => {
    const engine = await openTestEngine();
    await engine.addMany([
      { content: 'Where is the lantern of the harbour?', sessionId: 's', position: 0 },
      { content: 'On the shelf.', sessionId: 's', position: 1 },
      { content: 'It rained all day.', sessionId: 't', position: 0 },
    ]);
    const { hits } = await engine.search('lantern of the harbour', { arms: ['lexical'] });
    const answer = hits.find(({ memory }) => memory.content === 'On the shelf.');
    expect(answer?.why.foundBy).toEqual(['neighbour']);
    expect(answer?.why.signals.map(({ signal }) => signal)).toEqual(
      expect.arrayContaining(['passage', 'answer']),
    );
    expect(hits.map(({ memory }) => memory.content)).not.toContain('It rained all day.');
    await engine.close();
  });
});

describe('the speakers that a question names', () => {
  it('are those of memories that may be found: others change nothing of what is asked', async () => {
    const own: readonly NewMemory[] = [
      { content: 'Python has no loader for that yet.', sessionId: 'mine', speaker: 'Ana' },
      { content: 'The weather is fine.', sessionId: 'mine', speaker: 'Ana' },
    ];
    const hitsAmong = async (memories: readonly NewMemory[]) => {
      const engine = await openTestEngine();
      await engine.addMany(memories);
      const { hits } = await engine.search('Does Python have a loader?', {
        ...{ filter: { sessionId: 'mine' }, arms: ['lexical'] },
      });
      await engine.close();
      return hits.map(({ memory, why }) => [memory.content, why.lexical?.terms]);
    };
    const alone = await hitsAmong(own);
    expect(alone[0]?.[1]).toContain('python');
    expect(await hitsAmong([...own, { content: 'I am a bot.', speaker: 'Python Bot' }])).toEqual(alone);
  });

  it.each([
    ['what did bo move?', 'Bo'],
    ['What did bo move?', 'Bo'],
    ['田中さんは何を動かしましたか', '田中'],
  ])('are known though they are written small, or without spaces: %s', async (question, speaker) => {
    const engine = await openTestEngine();
    await engine.addMany([
      { content: 'I brought the desk and 動か the shelf to the attic.', speaker },
      { content: 'I brought the desk and 動か the shelf to the cellar.', speaker: 'Ana' },
    ]);
    const { hits } = await engine.search(question);
    const named = hits.filter(({ why }) => why.signals.some(({ signal }) => signal === 'speaker'));
    expect(named.map(({ memory }) => memory.speaker)).toEqual([speaker]);
    expect(hits[0]?.memory.speaker).toBe(speaker);
    await engine.close();
  });

  it('come first where they are all that is asked about, the latest said first, without words or vectors', async () => {
    const engine = await openTestEngine();
    const said = (speaker: string, content: string, day: number): NewMemory => ({
      ...{ speaker, content, createdAt: day * 86_400_000, sessionId: `day ${day}` },
    });
    await engine.addMany([
      said('Will', 'The roof leaks.', 1),
      said('Will', 'The gate is open.', 2),
      // More than any arm brings, newer, and in the words of the question.
      ...Array.from({ length: 60 }, (_, i) =>
        said('May', `What did I say to Rose about the dentist ${i}?`, 3),
      ),
    ]);
    for (const question of ['What did Will say?', 'what did will tell us?']) {
      const { hits, plan } = await engine.search(question, { limit: 5 });
      expect(hits.map(({ memory }) => memory.content)).toEqual(['The gate is open.', 'The roof leaks.']);
      expect(hits.map(({ why }) => why.foundBy)).toEqual([['speaker'], ['speaker']]);
      expect(plan).toMatchObject({ saidBy: ['Will'], spaces: [], lexical: false });
    }
    for (const question of ['What did Will say about the roof?', 'What did Will say in May?']) {
      const { plan } = await engine.search(question);
      expect(plan.saidBy).toBeUndefined();
      expect(plan.lexical).toBe(true);
    }
    await engine.close();
  });

  it('are asked about, and not only what they said, where no verb says so', async () => {
    const engine = await openTestEngine();
    await engine.addMany([
      { content: 'Ana is my elder sister.', speaker: 'Bo' },
      { content: 'It rained again.', speaker: 'Ana' },
      { content: 'The roof leaks.', speaker: 'Bo' },
    ]);
    const { hits, plan } = await engine.search('Who is Ana?');
    expect(plan.saidBy).toBeUndefined();
    expect(hits[0]?.memory.content).toBe('Ana is my elder sister.');
    await engine.close();
  });

  it('come first among what stands beside it, and only from what the filter leaves', async () => {
    const engine = await openTestEngine();
    const turns = ['The dentist was kind to me today, and the garden is lovely.', 'The roof leaks.'];
    const memories = Array.from({ length: 12 }, (_, i) => ({
      ...{ speaker: i % 2 === 0 ? 'May' : 'Will', content: `${turns[i % 2]} ${i}`, position: i },
      ...{ sessionId: 'chat', tags: [i < 6 ? 'early' : 'late'] },
    }));
    await engine.addMany(memories);
    const speakers = async (options: SearchOptions) =>
      (await engine.search('What did Will say?', options)).hits.map(({ memory }) => memory.speaker);
    expect((await speakers({ limit: 12 })).slice(0, 6)).toEqual(Array(6).fill('Will'));
    const early = await engine.search('What did Will say?', { filter: { tags: 'early' } });
    expect(early.hits.map(({ memory }) => memory.tags)).toEqual(early.hits.map(() => ['early']));
    expect((await speakers({ filter: { tags: 'early' } })).slice(0, 3)).toEqual(Array(3).fill('Will'));
    expect((await speakers({ arms: ['vector'], limit: 6 })).slice(0, 6)).toEqual(Array(6).fill('Will'));
    await engine.close();
  });

  it('are not all that is asked about where the caller gives a vector', async () => {
    const engine = await openTestEngine();
    const vector = new Float32Array(8).fill(1);
    await engine.add({
      ...{ content: 'The roof leaks.', speaker: 'Will' },
      embedding: { modelId: 'own@1', space: 'own', vector },
    });
    const { plan } = await engine.search('What did Will say?', { embedding: { space: 'own', vector } });
    expect(plan.saidBy).toBeUndefined();
    expect(plan.spaces).toEqual(['own']);
    await engine.close();
  });

  it('are none where very many names have a word', async () => {
    const engine = await openTestEngine();
    const many = Array.from({ length: 40 }, (_, i) => ({ content: `note ${i}`, speaker: `User ${i}` }));
    await engine.addMany([...many, { content: 'The user manual is blue.' }]);
    const { hits } = await engine.search('Where is the User manual?', { arms: ['lexical'] });
    expect(hits[0]?.memory.content).toBe('The user manual is blue.');
    expect(hits[0]?.why.lexical?.terms).toContain('user');
    await engine.close();
  });
});

describe('a search with options that are none', () => {
  it.each([{ context: null }, { weights: null }, { filter: null }, { filter: Number.NaN }, { filter: 0 }])(
    'is refused: %o',
    async (options) => {
      const engine = await openTestEngine();
      await engine.add({ content: 'The gate code is 1234.' });
      const given = options as unknown as SearchOptions;
      await expect(engine.search('gate', given)).rejects.toMatchObject({
        code: expect.stringMatching(/^INVALID_/),
      });
      await engine.close();
    },
  );
});

describe('a stretch of time until now', () => {
  it('is strict, unless an event follows it or it is quoted', async () => {
    const engine = await openTestEngine();
    await engine.add({ content: 'I met the florist.', createdAt: 1_000 });
    const strict = async (question: string) =>
      (await engine.search(question)).plan.times?.some((time) => time.isStrict);
    expect(await strict('What did I do in the last 48 hours?')).toBe(true);
    expect(await strict('What did I do in the last 48 hours before the wedding?')).not.toBe(true);
    expect(await strict('Who said "in the last 48 hours"?')).not.toBe(true);
    await engine.close();
  });
});
