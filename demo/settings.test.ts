import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../src/host/open-engine.ts';
import { DEFAULT_SETTINGS, engineConfig, keepSettings, loadSettings, withoutChanged } from './settings.ts';

function store(initial?: string) {
  let kept = initial ?? null;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  };
}

const around = (served: boolean) => ({
  pageUrl: 'http://localhost:5173/?x=1',
  wasmUrl: '/ort.wasm',
  isServed: async () => served,
});

describe('settings', () => {
  test('come from the address before what was kept', () => {
    const kept = store('{"namespace":"kept","embedder":"hub"}');
    const settings = loadSettings('?namespace=asked&storage=memory&index=hnswlib', kept);
    expect(settings).toMatchObject({
      namespace: 'asked',
      embedder: 'hub',
      storage: 'memory',
      index: 'hnswlib',
    });
  });

  test('ignore values that mean nothing, and a store that is broken', () => {
    expect(loadSettings('?embedder=magic&storage=', store('{broken'))).toEqual(DEFAULT_SETTINGS);
  });

  test('never take an endpoint from the address', () => {
    const settings = loadSettings('?endpointUrl=http://evil&edgeUrl=http://evil', undefined);
    expect(settings).toEqual(DEFAULT_SETTINGS);
  });

  test('are kept, apart from those of one visit', () => {
    const kept = store();
    keepSettings({ ...DEFAULT_SETTINGS, namespace: 'mine', storage: 'memory' }, kept);
    expect(loadSettings('', kept)).toMatchObject({ namespace: 'mine', storage: 'auto' });
  });

  test('changed in the form leave the address, so that a reload keeps them', () => {
    const settings = { ...DEFAULT_SETTINGS, namespace: 'b' };
    expect(withoutChanged('?namespace=a&storage=auto', settings)).toBe('?storage=auto');
  });
});

describe('the embedding model', () => {
  test('is MiniLM where this site serves it, else built-in', async () => {
    expect((await engineConfig(DEFAULT_SETTINGS, around(true))).embedder).toEqual({
      kind: 'transformers',
      model: 'all-MiniLM-L6-v2',
      modelBaseUrl: 'http://localhost:5173/models/',
      wasmUrl: 'http://localhost:5173/ort.wasm',
      preload: true,
    });
    expect((await engineConfig(DEFAULT_SETTINGS, around(false))).embedder).toEqual({
      kind: 'builtin',
      preload: true,
    });
  });

  test('is one that an engine takes, whatever is chosen', async () => {
    for (const embedder of ['auto', 'builtin', 'minilm', 'hub', 'multilingual', 'hashing'] as const) {
      const config = await engineConfig({ ...DEFAULT_SETTINGS, embedder }, around(true));
      expect(() => resolveConfig(config)).not.toThrow();
    }
  });

  test('comes from the hub only when chosen', async () => {
    const config = await engineConfig({ ...DEFAULT_SETTINGS, embedder: 'hub' }, around(true));
    expect(config.embedder).toMatchObject({ model: 'Xenova/all-MiniLM-L6-v2' });
    expect(config.embedder).not.toHaveProperty('modelBaseUrl');
  });
});
