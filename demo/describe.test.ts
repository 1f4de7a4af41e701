import { describe, expect, test } from 'vitest';
import { LociError } from '../src/errors.ts';
import type { Status } from '../src/types.ts';
import {
  describeDurability,
  describeLimits,
  describeModel,
  formatBytes,
  messageWithLine,
} from './describe.ts';
import { FAKE_STATUS } from './fake-engine.ts';

const embedder = { ...FAKE_STATUS.embedder, preferredId: 'Xenova/all-MiniLM-L6-v2' };

describe('the status line', () => {
  test('says how far the model wanted is loaded, and which one serves meanwhile', () => {
    const status: Status = { ...FAKE_STATUS, embedder: { ...embedder, state: 'loading', progress: 0.437 } };
    expect(describeModel(status).text).toBe('loading MiniLM 43 %, built-in model serves');
  });

  test('says when the model wanted could not be loaded', () => {
    const status: Status = { ...FAKE_STATUS, embedder: { ...embedder, state: 'failed' } };
    expect(describeModel(status)).toEqual({
      text: 'MiniLM could not be loaded: built-in model serves',
      tone: 'warn',
    });
  });

  test('says how far the built-in model is, and what serves where it could not be loaded', () => {
    const builtin = { id: embedder.activeId, state: 'loading', progress: 0.25 } as const;
    const loading: Status = { ...FAKE_STATUS, embedder: { ...embedder, state: 'loading', builtin } };
    expect(describeModel(loading)).toEqual({ text: 'loading built-in model 25 %', tone: 'busy' });
    const idle: Status = {
      ...FAKE_STATUS,
      embedder: { ...FAKE_STATUS.embedder, builtin: { ...builtin, state: 'idle' } },
    };
    expect(describeModel(idle).text).toBe('built-in model, not needed yet');
    const hashing = { ...FAKE_STATUS.embedder, activeId: 'hashing-384-v1', state: 'failed' } as const;
    const broken: Status = {
      ...FAKE_STATUS,
      embedder: { ...hashing, builtin: { ...builtin, state: 'fallback' } },
    };
    expect(describeModel(broken)).toEqual({
      text: 'built-in model could not be loaded: word hashing serves',
      tone: 'warn',
    });
  });

  test('counts what is embedded anew', () => {
    const status: Status = { ...FAKE_STATUS, reembedding: { done: 12, total: 400 } };
    expect(describeModel(status).text).toBe('built-in model, re-embedding 12/400');
  });

  test('says saved only when a write was journaled', () => {
    const say = (write: Parameters<typeof describeDurability>[1]) =>
      describeDurability(FAKE_STATUS, write).text;
    expect(say('none')).toBe('nothing stored yet');
    expect(say('writing')).toBe('saving …');
    expect(say('accepted')).toBe('accepted, not saved yet');
    expect(say('failed')).toBe('not saved');
    expect(say('journaled')).toBe('saved');
  });

  test('never says saved where nothing survives a reload', () => {
    const storage = { kind: 'memory', persistent: false, origin: 'newOrEvicted' } as const;
    expect(describeDurability({ ...FAKE_STATUS, storage }, 'journaled').text).toMatch(/^in memory only/);
  });
});

test('limits are spoken of once they are nearly reached, or something had to go for them', () => {
  const { limits } = FAKE_STATUS;
  expect(describeLimits(limits)).toBeUndefined();
  expect(describeLimits(undefined)).toBeUndefined();
  const near = { ...limits, maxMemories: 100, memories: 95, isNearLimit: true };
  expect(describeLimits(near)).toBe('There is hardly any room left (95 of 100 memories, 0 B of 4.0 GB).');
  expect(describeLimits({ ...near, evicted: 1 })).toMatch(/^1 memory was forgotten to make room/);
  expect(describeLimits({ ...near, evicted: 15 })).toMatch(/^15 memories were forgotten to make room/);
});

test('bytes are said with a unit', () => {
  expect([0, 900, 1536, 10 * 2 ** 30].map(formatBytes)).toEqual(['0 B', '900 B', '1.5 KB', '10 GB']);
});

test('an error of a file says its line once', () => {
  const at = (message: string) =>
    messageWithLine(new LociError('IMPORT_INVALID', message, { details: { line: 3 } }));
  expect(at('a comma is missing')).toBe('Line 3: a comma is missing');
  expect(at('line 3: a comma is missing')).toBe('line 3: a comma is missing');
  expect(messageWithLine(new LociError('INTERNAL', 'no line'))).toBe('no line');
});
