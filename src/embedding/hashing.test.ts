import { describe, expect, it } from 'vitest';
import { describeEmbedderContract } from '../testing/embedder-contract.ts';
import { cosine } from '../testing/vector-data.ts';
import { createHashingEmbedder } from './hashing.ts';

describeEmbedderContract('the hashing embedder', async () => createHashingEmbedder());

describe('feature hashing', () => {
  const embed = async (text: string): Promise<Float32Array> => {
    const [vector = new Float32Array()] = await createHashingEmbedder().embed([text]);
    return vector;
  };
  const nearness = async (a: string, b: string): Promise<number> => cosine(await embed(a), await embed(b));

  it('keeps its numbers, which are stored under its name', async () => {
    const vector = await embed('Ana moved to Lisbon in March; her cat Miso came along.');
    const places = [...vector.entries()].filter(([, value]) => value !== 0).slice(0, 6);
    expect(places.map(([place, value]) => [place, Number(value.toFixed(5))])).toEqual([
      [4, -0.01202],
      [16, 0.03583],
      [17, -0.04006],
      [19, 0.37428],
      [21, 0.04626],
      [27, -0.0085],
    ]);
    expect(createHashingEmbedder()).toMatchObject({
      id: 'hashing-384-v1',
      space: 'hashing-384-v1',
      dimensions: 384,
    });
  });

  it('takes case, marks and the way a character is written for nothing', async () => {
    expect(await nearness('Café in ZÜRICH!', 'cafe\u0301 in zu\u0308rich')).toBeCloseTo(1, 5);
  });

  it.each([
    ['gardening', 'gardener'],
    ['photograph', 'photographers'],
    ['remembered', 'remember'],
  ])('brings forms of one word together: %s and %s', async (word, form) => {
    expect(await nearness(word, form)).toBeGreaterThan((await nearness(word, 'thunderstorm')) + 0.05);
  });

  it('gives grammar little weight', async () => {
    const [grammar, matter] = ['what is the name of it and where is it', 'where is the lighthouse'];
    expect(await nearness(matter, 'lighthouse')).toBeGreaterThan((await nearness(matter, grammar)) + 0.3);
  });

  it('gives all texts without a word one vector, near to no other', async () => {
    expect(await nearness('', '?!')).toBe(1);
    expect(Math.abs(await nearness('', 'a lighthouse'))).toBeLessThan(0.3);
  });

  it('knows no meaning: it is no model', async () => {
    expect(await nearness('physician', 'doctor')).toBeLessThan(0.3);
  });
});
