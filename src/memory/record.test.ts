import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLociError, type LociError } from '../errors.ts';
import { MAX_BATCH, MAX_CONTENT_BYTES, MAX_METADATA_DEPTH, MAX_TAGS } from '../limits.ts';
import type { MemoryPatch, NewMemory } from '../types.ts';
import { parseBatch, parseNewMemory, parsePatch, utf8Length } from './record.ts';

const NOW = 1_700_000_000_000;

function refusal(work: () => unknown): LociError {
  try {
    work();
  } catch (error) {
    if (isLociError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const refused = (extra: object) =>
  refusal(() => parseNewMemory({ content: 'Ana lives in Lisbon', ...extra } as NewMemory, NOW));

describe('a new memory', () => {
  it('needs its content only, and gets every default', () => {
    expect(parseNewMemory({ content: 'Ana lives in Lisbon' }, NOW)).toEqual({
      id: undefined,
      embedding: undefined,
      isJudged: false,
      fields: {
        content: 'Ana lives in Lisbon',
        kind: 'episodic',
        tier: 'working',
        priority: 'medium',
        importance: 0.5,
        tags: [],
        source: 'unknown',
        createdAt: NOW,
        legalHold: false,
        related: [],
        metadata: {},
      },
    });
  });

  it('keeps every field that is given', () => {
    const given = {
      content: 'c',
      kind: 'semantic',
      tier: 'longterm',
      priority: 'critical',
      importance: 1,
      tags: ['a', 'b'],
      agentId: 'agent',
      sessionId: 'session',
      position: 3,
      speaker: 'Ana',
      externalId: 'D1:3',
      source: 'chat',
      createdAt: 1,
      validFrom: 2,
      invalidAt: 3,
      expiresAt: 4,
      legalDeletionAt: 5,
      legalHold: true,
      subject: 'Ana',
      predicate: 'lives in',
      related: [{ id: '0190163d-8694-739b-aea5-966c26f8ad91', strength: 0.5, relation: 'caused-by' }],
      cost: { costCenter: 'research', project: 'p', amount: 1.5, currency: 'EUR' },
      processingStage: 'ingest',
      dataVolumeGb: 12.5,
      metadata: { cluster: 'eu-1', nested: { pipeline: [1, null, true] } },
    } as const;
    expect(parseNewMemory(given, NOW).fields).toEqual(given);
  });

  it('keeps each tag once', () => {
    expect(parseNewMemory({ content: 'c', tags: ['a', 'b', 'a'] }, NOW).fields.tags).toEqual(['a', 'b']);
  });

  it('takes a copy of the metadata, so that a later change of the host’s object does not reach it', () => {
    const metadata = { nested: { value: 1 } };
    const { fields } = parseNewMemory({ content: 'c', metadata }, NOW);
    metadata.nested.value = 2;
    expect(fields.metadata).toEqual({ nested: { value: 1 } });
  });

  it.each([
    ['an empty content', { content: '' }],
    ['a content of blanks', { content: ' \n\t' }],
    ['a content that is too long', { content: 'x'.repeat(MAX_CONTENT_BYTES + 1) }],
    ['a content that is too long in bytes', { content: 'é'.repeat(MAX_CONTENT_BYTES / 2 + 1) }],
    ['a content with half a surrogate pair', { content: 'a\ud800b' }],
    ['a content that is no text', { content: 7 }],
    ['an unknown kind', { kind: 'dream' }],
    ['the filter word declarative as a kind', { kind: 'declarative' }],
    ['an unknown tier', { tier: 'cellar' }],
    ['an unknown priority', { priority: 'urgent' }],
    ['an importance above 1', { importance: 1.1 }],
    ['an importance that is NaN', { importance: Number.NaN }],
    ['too many tags', { tags: Array.from({ length: MAX_TAGS + 1 }, (_, i) => `tag${i}`) }],
    ['an empty tag', { tags: [''] }],
    ['a position that is no whole number', { position: 1.5 }],
    ['a time that is infinite', { createdAt: Number.POSITIVE_INFINITY }],
    ['an end before its beginning', { validFrom: 2, invalidAt: 1 }],
    ['a link to something that is no id', { related: [{ id: 'x', strength: 1 }] }],
    ['a negative cost', { cost: { amount: -1 } }],
    ['a negative data volume', { dataVolumeGb: -1 }],
    ['an id that is no UUIDv7', { id: 'x' }],
    ['a field that there is not', { contents: 'x' }],
    ['metadata that is no object', { metadata: [] }],
    ['metadata with a date', { metadata: { at: new Date() } }],
    ['metadata with NaN', { metadata: { value: Number.NaN } }],
    ['metadata with a function', { metadata: { value: () => 1 } }],
    ['a vector that is no Float32Array', { embedding: { modelId: 'm', space: 's', vector: [1] } }],
  ])('is refused with %s', (_, extra) => {
    const error = refused(extra);
    expect(error.code).toBe('INVALID_INPUT');
    expect(error.hint).toBeTruthy();
  });

  it.each(['__proto__', 'constructor', 'prototype'])('is refused with the key %s, at any depth', (key) => {
    const metadata = JSON.parse(`{"deep": {"${key}": {"polluted": true}}}`) as object;
    expect(refused({ metadata }).code).toBe('INVALID_INPUT');
    const top = JSON.parse(`{"content": "c", "${key}": {}}`) as NewMemory;
    expect(refusal(() => parseNewMemory(top, NOW)).code).toBe('INVALID_INPUT');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('is refused with metadata that is nested too deep, also in a circle', () => {
    let deep: object = {};
    for (let level = 0; level <= MAX_METADATA_DEPTH; level++) deep = { deep };
    expect(refused({ metadata: deep }).message).toContain('nested');
    const circle: { self?: object } = {};
    circle.self = circle;
    expect(refused({ metadata: circle }).message).toContain('nested');
  });

  it('names the field in its refusal', () => {
    expect(refused({ related: [{ id: 'x', strength: 1 }] }).details).toEqual({ field: 'related.0.id' });
  });
});

describe('a batch', () => {
  it('names the place of the memory that is wrong', () => {
    const error = refusal(() => parseBatch([{ content: 'a' }, { content: '' }], NOW));
    expect(error.details).toMatchObject({ index: 1 });
  });

  it('is refused when it is too long, or no list', () => {
    const long = Array.from({ length: MAX_BATCH + 1 }, () => ({ content: 'a' }));
    expect(refusal(() => parseBatch(long, NOW)).hint).toContain(String(MAX_BATCH));
    expect(refusal(() => parseBatch({} as readonly NewMemory[], NOW)).code).toBe('INVALID_INPUT');
  });
});

describe('a patch', () => {
  it('clears an optional field by null, and keeps that apart from not naming it', () => {
    const patch = parsePatch({ speaker: null, content: 'new' });
    expect(patch).toHaveProperty('speaker', undefined);
    expect(Object.keys(patch).sort()).toEqual(['content', 'speaker']);
  });

  it.each([
    ['nothing in it', {}],
    ['null for a field that every memory has', { content: null }],
    ['an id', { id: '0190163d-8694-739b-aea5-966c26f8ad91' }],
    ['a wrong value', { importance: 2 }],
  ])('is refused with %s', (_, patch) => {
    expect(refusal(() => parsePatch(patch as MemoryPatch)).code).toBe('INVALID_INPUT');
  });
});

describe('the length in UTF-8', () => {
  it('is that of the encoded bytes, for any text', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constant('\ud800'),
    );
    fc.assert(
      fc.property(fc.array(unit), (parts) => {
        const text = parts.join('');
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });
});
