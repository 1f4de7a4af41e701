import { describe, expect, it } from 'vitest';
import { createLastingStorage, openTestEngine } from '../engine/engine-test-util.ts';
import type { EmbedderConfig } from '../types.ts';
import { createModels, createReranker } from './models.ts';
import { resolveConfig } from './open-engine.ts';

/** What is wanted, what is built in, and what serves without either. */
function namesOf(config: EmbedderConfig) {
  const { builtin, preferred } = createModels(config);
  const [loader, last] = 'loader' in builtin ? [builtin.loader, builtin.fallback] : [undefined, builtin];
  const name = (model: typeof loader) => model && `${model.id} in ${model.space}`;
  return { wanted: name(preferred), builtin: name(loader), last: last.id };
}

const TABLE = expect.stringMatching(/^builtin-[0-9a-f]{8}@384 in minilm-l6-v2$/);
const REDUCED = /^minilm-l6-v2\/256-[0-9a-f]{8}$/;

describe('the models of a configuration', () => {
  it.each([
    { kind: 'builtin', foo: 1 },
    { kind: 'builtin', preload: 'yes' },
    { kind: 'hashing', dimensions: 256 },
    { kind: 'transformers', mdoel: 'x' },
  ])('are refused with an option that there is not: %j', (embedder) => {
    expect(() => resolveConfig({ embedder: embedder as EmbedderConfig })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', hint: expect.any(String) }),
    );
  });

  it('are the built-in one, with hashing where it cannot be had', () => {
    expect(namesOf({ kind: 'builtin' })).toEqual({
      wanted: undefined,
      builtin: TABLE,
      last: 'hashing-384-v1',
    });
  });

  it('find what was embedded in the other number of dimensions too, until it is embedded anew', async () => {
    const storage = createLastingStorage();
    const small = createModels({ kind: 'builtin', dimensions: 256 });
    const first = await openTestEngine({ storage, ...small });
    await first.addMany([
      { content: 'Mira got herself a pair of red leather boots' },
      { content: 'It rains' },
    ]);
    await first.close();
    const { builtin, preferred } = createModels({ kind: 'transformers' });
    if (preferred === undefined) throw new Error('MiniLM is wanted');
    const missing = { ...preferred, load: () => new Promise<never>(() => undefined) };
    const engine = await openTestEngine({ storage, builtin, preferred: missing });
    const { hits, plan } = await engine.search('Which shoes did she buy?');
    expect(plan).not.toHaveProperty('degraded');
    expect(hits[0]?.memory.content).toContain('boots');
    await engine.close();
  });

  it('are hashing alone where that is chosen: nothing is loaded', () => {
    expect(namesOf({ kind: 'hashing' })).toEqual({
      wanted: undefined,
      builtin: undefined,
      last: 'hashing-384-v1',
    });
  });

  it('are MiniLM before the built-in one, in one space', () => {
    expect(namesOf({ kind: 'transformers' })).toMatchObject({
      wanted: 'all-MiniLM-L6-v2@q8 in minilm-l6-v2',
      builtin: TABLE,
    });
  });

  it('are both of one space in 256 dimensions too', () => {
    const { builtin, preferred } = createModels({ kind: 'transformers', dimensions: 256 });
    expect(preferred).toMatchObject({ id: 'all-MiniLM-L6-v2@q8-256', dimensions: 256 });
    expect(preferred?.space).toMatch(REDUCED);
    expect('loader' in builtin && builtin.loader.space).toBe(preferred?.space);
    const alone = createModels({ kind: 'builtin', dimensions: 256 }).builtin;
    expect('loader' in alone && alone.loader.space).toBe(preferred?.space);
  });

  it.each([
    'Xenova/paraphrase-multilingual-MiniLM-L12-v2',
    'Xenova/multilingual-e5-small',
    'multilingual-e5-base',
  ])('are a multilingual one in a space of its own: %s', (model) => {
    const name = model.split('/').at(-1);
    const config = { kind: 'transformers', model } as const;
    expect(namesOf(config)).toMatchObject({ wanted: `${name}@q8 in ${name}@q8`, builtin: TABLE });
    expect(resolveConfig({ embedder: config }).embedder).toEqual(config);
  });
});

describe('the reranker of a configuration', () => {
  it('is none where none is chosen, and named before it is loaded', () => {
    expect(resolveConfig().reranker).toBeUndefined();
    const reranker = { kind: 'transformers', model: 'Xenova/bge-reranker-base', dtype: 'fp16' } as const;
    expect(resolveConfig({ reranker }).reranker).toEqual(reranker);
    expect(createReranker(reranker).id).toBe('bge-reranker-base@fp16');
  });

  it.each([{ kind: 'llm' }, { kind: 'transformers', mdoel: 'x' }, {}, []])('is refused as %j', (reranker) => {
    expect(() => resolveConfig({ reranker: reranker as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', hint: expect.any(String) }),
    );
  });
});

describe('a configuration whose model cannot be', () => {
  const refused = (embedder: EmbedderConfig) => () => resolveConfig({ embedder });
  const invalid = (hint: string) =>
    expect.objectContaining({ code: 'INVALID_INPUT', hint: expect.stringContaining(hint) });

  it.each<[string, EmbedderConfig, string]>([
    ['of dimensions that the built-in one has not', { kind: 'builtin', dimensions: 100 }, '384 or 256'],
    ['of no number', { kind: 'builtin', dimensions: '256' as unknown as number }, '384 or 256'],
    ['of dimensions that MiniLM has not', { kind: 'transformers', dimensions: 128 }, '256'],
    [
      'of fewer dimensions than a model has, other than MiniLM',
      { kind: 'transformers', model: 'multilingual-e5-small', dimensions: 256 },
      'Leave out',
    ],
    ['that nobody knows', { kind: 'transformers', model: 'a/b' }, 'multilingual-e5-small'],
    ['that does not say how it pools', { kind: 'transformers', model: 'a/b', dimensions: 768 }, 'pooling'],
    [
      'that is known and said to be another',
      { kind: 'transformers', model: 'multilingual-e5-small', space: 'minilm-l6-v2' },
      'Leave out',
    ],
    ['of a kind that is none', { kind: 'magic' } as unknown as EmbedderConfig, 'magic'],
  ])('is refused: one %s', (_, embedder, hint) => {
    expect(refused(embedder)).toThrow(invalid(hint));
  });
});
