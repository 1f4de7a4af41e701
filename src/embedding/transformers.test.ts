import { describe, expect, it } from 'vitest';
import { transformersIdentity } from './transformers.ts';

describe('what a model is called before it is loaded', () => {
  it('is MiniLM at 8 bits where nothing is said', () => {
    expect(transformersIdentity({})).toEqual({
      id: 'all-MiniLM-L6-v2@q8',
      space: 'minilm-l6-v2',
      dimensions: 384,
    });
  });

  it('is the same from the hub and from a folder', () => {
    const fromFolder = { model: 'all-MiniLM-L6-v2', modelBaseUrl: '/models/' };
    expect(transformersIdentity(fromFolder)).toEqual(transformersIdentity({}));
  });

  it('shares one space between precisions of MiniLM, and no other model does', () => {
    expect(transformersIdentity({ dtype: 'fp32' })).toMatchObject({
      id: 'all-MiniLM-L6-v2@fp32',
      space: 'minilm-l6-v2',
    });
    expect(transformersIdentity({ model: 'Xenova/bge-base-en-v1.5', dimensions: 768 })).toEqual({
      id: 'bge-base-en-v1.5@q8',
      space: 'bge-base-en-v1.5@q8',
      dimensions: 768,
    });
  });
});
