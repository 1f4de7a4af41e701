import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { FOLD_IDLE_MS, MAX_REPLACED } from '../limits.ts';
import { momentOf } from '../memory/fact.ts';
import type { MemoryState, Operation } from '../memory/operation.ts';
import { parseNewMemory } from '../memory/record.ts';
import { exportMemories } from '../snapshot/export.ts';
import { importExported } from '../snapshot/import.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { refusalOf } from '../testing/refusal.ts';
import type { MemoryEngine, NewMemory, SearchHit, SearchOptions } from '../types.ts';
import { decodeRecord, encodeRecord, type StoredRecord } from './blocks/record-row.ts';
import { createLastingStorage, NOW, openTestEngine, until } from './engine-test-util.ts';
import { Facts } from './facts.ts';
import { LOG_ROWS } from './layout.ts';
import { MemoryTable } from './table/memory-table.ts';

const DAY = 86_400_000;

/** The hits of a search as content, validity and the content of what replaced each. */
async function found(engine: MemoryEngine, query: string, options?: SearchOptions) {
  const { hits } = await engine.search(query, options);
  const contentOf = (id: string | undefined) => hits.find((hit) => hit.id === id)?.memory.content;
  return hits.map((hit: SearchHit) => [hit.memory.content, hit.validity, contentOf(hit.replacedBy)]);
}

const lives = (content: string, validFrom: number, extra: Partial<NewMemory> = {}): NewMemory => ({
  content,
  subject: 'Ana',
  predicate: 'lives in',
  validFrom,
  createdAt: validFrom,
  ...extra,
});

describe('supersede', () => {
  it('adds the new memory and ends the old one in one commit, and keeps and marks it', async () => {
    const engine = await openTestEngine();
    const { id: old } = await engine.add({ content: 'the gate code is 1234', createdAt: NOW - DAY });
    const { id, opId, durability } = await engine.supersede(old, { content: 'the gate code is 9876' });
    expect(durability).toBe('journaled');
    expect(await engine.get(old)).toMatchObject({ invalidAt: NOW, revision: 2 });
    expect((await engine.get(id))?.supersedes).toEqual([old]);
    const [ended] = (await engine.history(old)).slice(-1);
    expect(ended).toMatchObject({ opId, changes: { invalidAt: { after: NOW } } });
    expect(await found(engine, 'gate code')).toEqual([
      ['the gate code is 9876', 'current', undefined],
      ['the gate code is 1234', 'superseded', 'the gate code is 9876'],
    ]);
  });

  it('is applied once under one operation id', async () => {
    const engine = await openTestEngine();
    const { id: old } = await engine.add({ content: 'a' });
    const first = await engine.supersede(old, { content: 'b' }, { opId: 'one' });
    expect(await engine.supersede(old, { content: 'b' }, { opId: 'one' })).toEqual(first);
    expect((await engine.stats()).count).toBe(2);
  });

  it('is refused for a memory that there is not, and for a new one that is none, and changes nothing', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'a' });
    const nobody = '0190163d-8694-739b-aea5-966c26f8ad91';
    expect((await refusalOf(engine.supersede(nobody, { content: 'b' }))).code).toBe('NOT_FOUND');
    expect((await refusalOf(engine.supersede(id, { content: '' }))).code).toBe('INVALID_INPUT');
    expect((await refusalOf(engine.supersede(id, { content: 'b', supersedes: ['x'] }))).code).toBe(
      'INVALID_INPUT',
    );
    expect((await engine.stats()).count).toBe(1);
    expect((await engine.get(id))?.invalidAt).toBeUndefined();
  });

  it('leaves an end that came before as it was, and gives no time to what began later', async () => {
    const engine = await openTestEngine();
    const { id: ended } = await engine.add({ content: 'a', invalidAt: NOW - DAY });
    await engine.supersede(ended, { content: 'b' });
    expect(await engine.get(ended)).toMatchObject({ invalidAt: NOW - DAY, revision: 1 });
    const { id: later } = await engine.add({ content: 'c', validFrom: NOW + DAY });
    await engine.supersede(later, { content: 'd' });
    expect(await engine.get(later)).toMatchObject({ validFrom: NOW + DAY, invalidAt: NOW + DAY });
    const { id: told } = await engine.add({ content: 'e', createdAt: NOW - DAY });
    await engine.supersede(told, { content: 'f', validFrom: NOW - 5 * DAY });
    expect(await engine.get(told)).toMatchObject({ createdAt: NOW - DAY, invalidAt: NOW - DAY });
  });

  it('unmarks when the new one is deleted; the end stays, since it was said', async () => {
    const engine = await openTestEngine();
    const { id: old } = await engine.add({ content: 'code one' });
    const { id } = await engine.supersede(old, { content: 'code two' });
    await engine.search('code');
    await engine.delete(id);
    expect(await found(engine, 'code')).toEqual([['code one', 'ended', undefined]]);
    await engine.update(old, { invalidAt: null });
    expect(await found(engine, 'code')).toEqual([['code one', 'current', undefined]]);
  });
});

describe('minScore', () => {
  /** Two facts that fit alike, the first superseded, and one that hardly fits. */
  async function openWithReplaced() {
    const engine = await openTestEngine();
    const { id: old } = await engine.add({
      content: 'the gate code of the garage is 1234',
      createdAt: NOW - DAY,
    });
    await engine.supersede(old, { content: 'the gate code of the garage is 9876' });
    await engine.add({ content: 'a code of conduct for the staff of the school', createdAt: NOW - DAY });
    return { engine, old };
  }

  it.each<[string, SearchOptions]>([
    ['one question', {}],
    ['several wordings', { queries: ['the code of the garage', 'gate code'] }],
  ])('judges what was superseded as if it held: %s', async (_, options) => {
    const { engine, old } = await openWithReplaced();
    const all = await engine.search('gate code of the garage', options);
    const [first, second, third] = all.hits.toSorted((a, b) => Number(b.id === old) - Number(a.id === old));
    expect(first).toMatchObject({ id: old, validity: 'superseded' });
    const minScore = ((second?.score ?? 0) + (third?.score ?? 0)) / 2;
    expect(first?.score).toBeLessThan(minScore);
    const { hits } = await engine.search('gate code of the garage', { ...options, minScore });
    expect(hits.map(({ validity }) => validity)).toEqual(['current', 'superseded']);
    expect(hits[1]?.id).toBe(old);
    await engine.close();
  });

  it.each<[string, SearchOptions]>([
    ['one question', {}],
    ['several wordings', { queries: ['the code of the garage', 'gate code'] }],
  ])('leaves in what fits though nothing that is found holds: %s', async (_, options) => {
    const { engine, old } = await openWithReplaced();
    const filter = { validity: 'superseded' } as const;
    const { hits } = await engine.search('gate code of the garage', { ...options, filter, minScore: 0.5 });
    expect(hits.map(({ id }) => id)).toEqual([old]);
    await engine.close();
  });

  it('leaves out what was superseded where it would not reach it though it held', async () => {
    const { engine } = await openWithReplaced();
    const { id: old } = await engine.add({ content: 'a code of dress for the staff', createdAt: NOW - DAY });
    await engine.supersede(old, { content: 'no rules of dress for the staff any more' });
    const { hits } = await engine.search('gate code of the garage', { minScore: 0.8 });
    expect(hits.map(({ id }) => id)).not.toContain(old);
    expect(hits.length).toBeGreaterThan(0);
    await engine.close();
  });
});

describe('a memory that says what it replaces', () => {
  it('marks it whichever was added first, and no longer once it says so no more', async () => {
    const engine = await openTestEngine();
    const old = '0190163d-8694-739b-aea5-966c26f8ad91';
    await engine.search('anything');
    const { id } = await engine.add({ content: 'code two', supersedes: [old] });
    await engine.add({ id: old, content: 'code one' });
    expect(await found(engine, 'code')).toContainEqual(['code one', 'superseded', 'code two']);
    await engine.update(id, { supersedes: null, contradicts: [old] });
    expect(await found(engine, 'code')).toContainEqual(['code one', 'contradicted', 'code two']);
    await engine.update(id, { contradicts: [] });
    expect((await engine.get(id))?.contradicts).toBeUndefined();
    expect(await found(engine, 'code')).toContainEqual(['code one', 'current', undefined]);
  });
});

describe('facts of one subject and predicate', () => {
  it('are contradicted by the last that says something else, in any spelling of their names', async () => {
    const engine = await openTestEngine();
    await engine.addMany([
      lives('Ana has a home in Porto', NOW - 2 * DAY, { subject: ' ana', predicate: 'Lives_In' }),
      lives('Ana has a home in Paris', NOW - 3 * DAY),
      lives('Ana has a home in Turin', NOW - DAY),
      { content: 'Ana has a home bakery', subject: 'Ana', predicate: 'runs' },
    ]);
    const hits = await found(engine, 'Ana has a home');
    expect(hits).toHaveLength(4);
    expect(hits.slice(2)).toEqual(
      expect.arrayContaining([
        ['Ana has a home in Porto', 'contradicted', 'Ana has a home in Turin'],
        ['Ana has a home in Paris', 'contradicted', 'Ana has a home in Turin'],
      ]),
    );
    expect(hits.slice(0, 2).every(([, validity]) => validity === 'current')).toBe(true);
  });

  it('that say the same contradict nothing, and what is said again holds again', async () => {
    const engine = await openTestEngine();
    await engine.addMany([
      lives('Ana lives in Paris', NOW - 3 * DAY),
      lives('Ana lives in Porto', NOW - 2 * DAY),
      lives('ana lives in Paris.', NOW - DAY),
    ]);
    const hits = await found(engine, 'Ana lives');
    expect(hits).toContainEqual(['Ana lives in Paris', 'current', undefined]);
    expect(hits).toContainEqual(['Ana lives in Porto', 'contradicted', 'ana lives in Paris.']);
  });

  it('are asked about as of a date: what held then comes first, and the rest is marked', async () => {
    const engine = await openTestEngine();
    await engine.addMany([
      lives('Ana lives in Paris', NOW - 300 * DAY),
      lives('Ana lives in Porto', NOW - 200 * DAY, { invalidAt: NOW - 90 * DAY }),
      lives('Ana lives in Turin', NOW - 100 * DAY, { createdAt: NOW }),
    ]);
    const at = async (days: number) => found(engine, 'Ana lives', { asOf: NOW - days * DAY });
    const [first, ...ahead] = await at(250);
    expect(first).toEqual(['Ana lives in Paris', 'current', undefined]);
    expect(ahead.sort()).toEqual([
      ['Ana lives in Porto', 'future', undefined],
      ['Ana lives in Turin', 'future', undefined],
    ]);
    expect((await at(150)).slice(0, 1)).toEqual([['Ana lives in Porto', 'current', undefined]]);
    // Added today about then.
    const [then, ...others] = await at(95);
    expect(then).toEqual(['Ana lives in Turin', 'current', undefined]);
    expect(others.sort()).toEqual([
      ['Ana lives in Paris', 'contradicted', 'Ana lives in Turin'],
      ['Ana lives in Porto', 'contradicted', 'Ana lives in Turin'],
    ]);
    const current = { filter: { validity: 'current' } };
    expect(await found(engine, 'Ana lives', { ...current, asOf: NOW - 250 * DAY })).toEqual([
      ['Ana lives in Paris', 'current', undefined],
    ]);
    expect((await engine.list({ ...current, asOf: NOW - 150 * DAY })).memories).toMatchObject([
      { content: 'Ana lives in Porto' },
    ]);
    expect((await engine.list({ filter: { validity: { $ne: 'current' } } })).total).toBe(2);
    expect((await engine.list({ asOf: NOW - 400 * DAY })).total).toBe(3);
  });

  it('that are not to hold yet replace nothing yet', async () => {
    const engine = await openTestEngine();
    await engine.addMany([lives('Ana lives in Paris', NOW - DAY), lives('Ana lives in Porto', NOW + DAY)]);
    expect(await found(engine, 'Ana lives')).toEqual([
      ['Ana lives in Paris', 'current', undefined],
      ['Ana lives in Porto', 'future', undefined],
    ]);
  });

  it('are marked as before once they are folded, and opened again, and by what is named later', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    await engine.add(lives('Ana lives in Paris', NOW - 3 * DAY));
    const { id } = await engine.add({ content: 'Ana lives in Porto', createdAt: NOW - DAY });
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await storage.getKeys(LOG_ROWS)).length === 0);
    await engine.update(id, { subject: 'Ana', predicate: 'lives in' });
    const wanted = await found(engine, 'Ana lives');
    expect(wanted).toContainEqual(['Ana lives in Paris', 'contradicted', 'Ana lives in Porto']);
    await engine.close();
    const again = await openTestEngine({ storage });
    expect(await found(again, 'Ana lives')).toEqual(wanted);
    expect(await again.health()).toMatchObject({ state: 'ok' });
    await again.close();
  });
});

describe('a text that tells of a change', () => {
  const ana = (content: string, extra: Partial<NewMemory> = {}) => ({ content, speaker: 'Ana', ...extra });

  it('contradicts what was said before it, in another call or the same', async () => {
    const engine = await openTestEngine();
    const { ids } = await engine.addMany([
      ana('I live in Lisbon by the river'),
      { content: 'I live in Madrid', speaker: 'Bo' },
      ana('I moved to Porto last month'),
    ]);
    expect((await engine.get(ids[2] ?? ''))?.contradicts).toEqual([ids[0]]);
    const { id } = await engine.add(ana('I now live in Turin'));
    expect(new Set((await engine.get(id))?.contradicts)).toEqual(new Set([ids[0], ids[2]]));
    const hits = await found(engine, 'live in');
    expect(hits).toContainEqual(['I live in Madrid', 'current', undefined]);
    expect(hits).toContainEqual(['I live in Lisbon by the river', 'contradicted', 'I now live in Turin']);
  });

  it('contradicts nothing that was said after it, or that it is told it does not', async () => {
    const engine = await openTestEngine();
    const { id: home } = await engine.add(ana('I live in Lisbon', { createdAt: NOW }));
    const { id: past } = await engine.add(ana('I moved to Porto', { createdAt: NOW - DAY }));
    const { id: told } = await engine.add(ana('I moved to Turin', { contradicts: [] }));
    for (const id of [past, told]) expect((await engine.get(id))?.contradicts).toBeUndefined();
    const { id } = await engine.add(ana('I moved to Rome'));
    expect((await engine.get(id))?.contradicts).toContain(home);
    await engine.update(id, { contradicts: null });
    expect((await engine.list({ filter: { contradicts: home } })).total).toBe(0);
    await engine.update(id, { content: 'I now live in Rome' });
    expect((await engine.get(id))?.contradicts).toContain(home);
    await engine.update(id, { content: 'I went to Rome', contradicts: null });
    expect((await engine.get(id))?.contradicts).toBeUndefined();
  });

  it.each(['english', 'off'] as const)(
    'keeps what it was said to contradict when its content changes, with the rule %s',
    async (changeRule) => {
      const engine = await openTestEngine({ changeRule });
      const { id: told } = await engine.add({ content: 'the gate code is in the blue folder' });
      const { id: home } = await engine.add(ana('I live in Lisbon'));
      const { id } = await engine.add({
        content: 'ask Bo for the code',
        speaker: 'Ana',
        contradicts: [told],
      });
      await engine.update(id, { content: 'ask Bo for the gate code' });
      expect((await engine.get(id))?.contradicts).toEqual([told]);
      await engine.update(id, { content: 'I no longer live in Lisbon' });
      const both = changeRule === 'english' ? [told, home] : [told];
      expect((await engine.get(id))?.contradicts).toEqual(both);
      await engine.update(id, { content: 'I no longer live in Lisbon.' });
      expect((await engine.get(id))?.contradicts).toEqual(both);
      await engine.update(id, { content: 'I no longer live in Lisbon', contradicts: [] });
      expect((await engine.get(id))?.contradicts).toBeUndefined();
    },
  );

  it('is found to contradict no more than a memory may when its content changes', async () => {
    const engine = await openTestEngine();
    const many = Array.from({ length: MAX_REPLACED }, () => ({ content: 'the old plan' }));
    const { ids } = await engine.addMany(many);
    await engine.add(ana('I live in Lisbon'));
    const { id } = await engine.add(ana('I like it here', { contradicts: ids }));
    await engine.update(id, { content: 'I no longer live in Lisbon' });
    expect((await engine.get(id))?.contradicts).toEqual(ids);
  });

  it('contradicts nothing where the rule is off', async () => {
    const engine = await openTestEngine({ changeRule: 'off' });
    await engine.add(ana('I live in Lisbon'));
    const { id } = await engine.add(ana('I no longer live in Lisbon'));
    expect((await engine.get(id))?.contradicts).toBeUndefined();
  });

  it('is found where what it contradicts is folded, and no other is read for it', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    const { id: home } = await engine.add(ana('I live in Lisbon'));
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await storage.getKeys(LOG_ROWS)).length === 0);
    const { id } = await engine.add(ana('I no longer live in Lisbon'), { opId: 'one' });
    expect((await engine.get(id))?.contradicts).toEqual([home]);
    await engine.close();
    const again = await openTestEngine({ storage });
    expect(await found(again, 'Lisbon')).toContainEqual([
      'I live in Lisbon',
      'contradicted',
      'I no longer live in Lisbon',
    ]);
    await again.close();
  });
});

describe('what replaces what', () => {
  it('comes through an export and an import', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'code one' });
    await engine.supersede(id, { content: 'code two' });
    await engine.add({ content: 'code three', contradicts: [id] });
    await engine.reinforce(id, false);
    const file = await new Response(exportMemories(engine)).blob();
    const other = await openTestEngine();
    await importExported(other, file);
    expect(await found(other, 'code')).toEqual(await found(engine, 'code'));
    expect((await other.get(id))?.feedback).toEqual({ useful: 0, useless: 1, at: NOW });
  });

  it('is refused to earlier releases, in the log and in blocks, and only where there is some', async () => {
    const storage = createLastingStorage();
    const environment = createTestEnvironment({ seed: 1, now: NOW });
    const engine = await openTestEngine({ storage, environment });
    const versions = async () => {
      const rows = [...(await storage.getRange(LOG_ROWS)), await storage.get('manifest')];
      return rows.map((row) => (row instanceof Uint8Array ? row : row?.value)?.[1]);
    };
    const { id } = await engine.add({ content: 'a' });
    expect(await versions()).toEqual([2, 1]);
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await versions()).length === 1);
    expect(await versions()).toEqual([1]);
    await engine.reinforce(id, true);
    expect(await versions()).toEqual([3, 1]);
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await versions()).length === 1);
    expect(await versions()).toEqual([3]);
    await engine.close();
    const again = await openTestEngine({ storage });
    expect((await again.get(id))?.feedback?.useful).toBe(1);
    await again.close();
  });
});

describe('a filter of validity', () => {
  it('deletes what was replaced, and is refused for a word that is none', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'code one' });
    await engine.supersede(id, { content: 'code two' });
    expect((await refusalOf(engine.list({ filter: { validity: 'valid' } }))).code).toBe('INVALID_FILTER');
    expect((await engine.deleteAll({ filter: { validity: { $ne: 'current' } } })).deleted).toBe(1);
    expect((await engine.list()).memories.map(({ content }) => content)).toEqual(['code two']);
  });
});

describe('where there is no room', () => {
  it('what was replaced goes before what took its place, though that is worth less by itself', async () => {
    const engine = await openTestEngine({ limits: { maxMemories: 3 } });
    const { id: old } = await engine.add({ content: 'code one', importance: 0.6 });
    const { id } = await engine.supersede(old, { content: 'code two', importance: 0.4 });
    await engine.add({ content: 'tea', importance: 0.6 });
    await engine.add({ content: 'coffee', importance: 0.6 });
    expect(await engine.get(old)).toBeNull();
    expect(await engine.get(id)).not.toBeNull();
  });
});

describe('facts of an earlier release', () => {
  it('are told apart by their length, and taken for the same where that is equal', () => {
    const table = new MemoryTable();
    const stored = (n: number, content: string): StoredRecord => {
      const defaults = {
        kind: 'semantic',
        tier: 'working',
        priority: 'medium',
        tags: [],
        source: 'test',
      } as const;
      const rest = {
        importance: 0.5,
        legalHold: false,
        related: [],
        metadata: {},
        updatedAt: n,
        revision: 1,
      };
      const record = { id: `0190163d-8694-739b-aea5-966c26f8ad1${n}`, createdAt: n, ...defaults, ...rest };
      const state = {
        seq: n,
        added: { seq: n, at: n, opId: 'op' },
        contentBytes: content.length,
        metadataBytes: 2,
      };
      const fact = { ...record, subject: 'Ana', predicate: 'lives in' };
      return decodeRecord(n, encodeRecord({ ...state, record: fact }));
    };
    ['Lisbon', 'Turin', 'Porto'].forEach((content, i) => {
      table.load(i, stored(i + 1, content));
    });
    const facts = new Facts(table);
    const states = [0, 1, 2].map((ordinal) => facts.validityOf(ordinal, momentOf(undefined, 9)).state);
    expect(states).toEqual(['contradicted', 'current', 'current']);
  });
});

describe('asOf', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, '2024' as unknown as number])(
    'is refused where it is %s',
    async (asOf) => {
      const engine = await openTestEngine();
      expect((await refusalOf(engine.search('a', { asOf }))).code).toBe('INVALID_INPUT');
      expect((await refusalOf(engine.list({ asOf }))).code).toBe('INVALID_INPUT');
    },
  );
});

describe('a memory past its end', () => {
  /** Validities at a time, and as of one: of an old memory, and of one of an earlier fact, with those that replace both. */
  function marked(end: Partial<NewMemory>, now: number, asOf?: number) {
    const table = new MemoryTable();
    const facts = new Facts(table);
    const old = '0190163d-8694-739b-aea5-966c26f8ad10';
    const fact = { subject: 'Ana', predicate: 'lives in' };
    const memories: readonly (Partial<NewMemory> & { content: string })[] = [
      { content: 'one', id: old },
      { content: 'two', supersedes: [old], ...end },
      { content: 'Ana lives in Paris', ...fact },
      { content: 'Ana lives in Porto', ...fact, ...end },
    ];
    for (const [i, memory] of memories.entries()) {
      const { fields, id } = parseNewMemory({ createdAt: i, ...memory }, i);
      const stamp = { seq: i + 1, at: i, opId: 'op' };
      table.apply({ ...stamp, type: 'add', id: id ?? `${old.slice(0, -1)}${i}`, ordinal: i, fields });
    }
    return [0, 2].map((ordinal) => facts.validityOf(ordinal, momentOf(asOf, now)).state);
  }

  const replaced = ['superseded', 'contradicted'];
  const current = ['current', 'current'];

  it.each(['expiresAt', 'legalDeletionAt'])(
    'by its %s replaces nothing, though it is not swept yet',
    (field) => {
      const end = { [field]: 100 };
      expect(marked(end, 99)).toEqual(replaced);
      expect(marked(end, 100)).toEqual(current);
      // What is gone now is not told of then either.
      expect(marked(end, 100, 50)).toEqual(current);
      expect(marked(end, 50, 100)).toEqual(current);
      expect(marked({ ...end, legalHold: true }, 100)).toEqual(replaced);
    },
  );

  it('leaves the place to the last one before it', () => {
    const table = new MemoryTable();
    const facts = new Facts(table);
    const fact = { subject: 'Ana', predicate: 'lives in' };
    ['Paris', 'Turin', 'Porto'].forEach((town, i) => {
      const end = town === 'Porto' ? { expiresAt: 5 } : {};
      const { fields } = parseNewMemory({ content: town, createdAt: i, ...fact, ...end }, i);
      const id = `0190163d-8694-739b-aea5-966c26f8ad1${i}`;
      table.apply({ seq: i + 1, at: i, opId: 'op', type: 'add', id, ordinal: i, fields });
    });
    const at = (now: number) => [0, 1].map((ordinal) => facts.validityOf(ordinal, momentOf(undefined, now)));
    expect(at(4).map(({ by }) => by)).toEqual([2, 2]);
    expect(at(5)).toEqual([{ state: 'contradicted', by: 1 }, { state: 'current' }]);
  });
});

describe('what replaced a hit', () => {
  it('is named only where the filter lets it through', async () => {
    const engine = await openTestEngine();
    const { id } = await engine.add({ content: 'code one', agentId: 'Bo' });
    const { id: by } = await engine.supersede(id, { content: 'code two', agentId: 'Eve' });
    const hitOf = async (options?: SearchOptions) =>
      (await engine.search('code', options)).hits.find((hit) => hit.id === id);
    expect(await hitOf()).toMatchObject({ validity: 'superseded', replacedBy: by });
    expect(await hitOf({ filter: { agentId: { $in: ['Bo', 'Eve'] } } })).toMatchObject({ replacedBy: by });
    const hit = await hitOf({ filter: { agentId: 'Bo' } });
    expect(hit).toMatchObject({ validity: 'superseded' });
    expect(hit).not.toHaveProperty('replacedBy');
  });
});

describe('marks that are kept up', () => {
  const idOf = (i: number) => `0190163d-8694-739b-aea5-966c26f8a${String(100 + i)}`;
  const time = fc.option(fc.nat(4), { nil: undefined });
  const step = fc.record({
    memory: fc.nat(5),
    does: fc.constantFrom('add', 'update', 'delete'),
    pair: fc.option(fc.nat(1), { nil: undefined }),
    content: fc.constantFrom('one', 'two'),
    replaced: fc.option(fc.nat(5), { nil: undefined }),
    isSuperseding: fc.boolean(),
    validFrom: time,
    length: fc.option(fc.nat(3), { nil: undefined }),
  });

  /** The same by looking at all memories. */
  function expected(table: MemoryTable, ordinal: number, asOf: number | undefined, now: number) {
    const all = [...table.ordinals()].flatMap((each) => table.at(each) ?? []);
    const self = all.find((each) => each.ordinal === ordinal);
    if (self === undefined) throw new Error('it is gone');
    const at = asOf ?? now;
    const begin = ({ record }: MemoryState) => record.validFrom ?? record.createdAt;
    const hasBegun = ({ record }: MemoryState) =>
      (record.validFrom ?? (asOf === undefined ? Number.NEGATIVE_INFINITY : record.createdAt)) <= at;
    const hasEnded = ({ record }: MemoryState) => (record.invalidAt ?? Number.POSITIVE_INFINITY) <= at;
    const byAge = (a: MemoryState, b: MemoryState) => begin(a) - begin(b) || a.ordinal - b.ordinal;
    const others = all.filter((each) => each !== self && hasBegun(each)).sort(byAge);
    const { id, subject, predicate } = self.record;
    const superseding = others.findLast(({ record }) => record.supersedes?.includes(id));
    const contradicting = others.findLast(({ record }) => record.contradicts?.includes(id));
    const later = others.findLast((each) =>
      [
        subject !== undefined && each.record.subject === subject && each.record.predicate === predicate,
        byAge(each, self) > 0 && !hasEnded(each),
      ].every(Boolean),
    );
    if (!hasBegun(self)) return { state: 'future' };
    if (superseding !== undefined) return { state: 'superseded', by: superseding.ordinal };
    if (contradicting !== undefined) return { state: 'contradicted', by: contradicting.ordinal };
    if (later !== undefined && later.content !== self.content)
      return { state: 'contradicted', by: later.ordinal };
    return { state: hasEnded(self) ? 'ended' : 'current' };
  }

  it('are those that are made anew, and what looking at all memories gives, whatever was added, changed and deleted', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = new MemoryTable();
        const kept = new Facts(table);
        kept.validityOf(0, momentOf(undefined, 0));
        steps.forEach((each, i) => {
          const { before, after } = table.apply(operationOf(each, i + 1, table, idOf));
          if (before !== after) kept.changed(before, after);
          for (const at of [undefined, 1, 3]) {
            const fresh = new Facts(table);
            for (const ordinal of table.ordinals())
              for (const facts of [kept, fresh])
                expect(facts.validityOf(ordinal, momentOf(at, 2))).toEqual(expected(table, ordinal, at, 2));
          }
        });
      }),
    );
  });

  it('are kept up where a pair has hundreds of facts, without going through them for each that is removed', () => {
    const table = new MemoryTable();
    const kept = new Facts(table);
    let seq = 0;
    const write = (memory: number, does: string, validFrom: number) => {
      const step = { memory, does, validFrom, pair: 1, content: `${memory}`, replaced: undefined };
      const parts = { ...step, isSuperseding: false, length: undefined };
      const { before, after } = table.apply(operationOf(parts, ++seq, table, idOf));
      kept.changed(before, after);
    };
    const states = (facts: Facts) =>
      [...table.ordinals()].map((ordinal) => facts.validityOf(ordinal, momentOf(40, 99)));
    kept.validityOf(0, momentOf(undefined, 0));
    for (let i = 0; i < 400; i++) write(i, 'add', (i * 7) % 50);
    for (let i = 0; i < 400; i += 5) write(i, 'update', (i * 3) % 50);
    const lookUps = vi.spyOn(Array.prototype, 'indexOf');
    try {
      for (let i = 0; i < 400; i += 2) write(i, 'delete', 0);
      expect(lookUps.mock.calls.filter(([sought]) => typeof sought === 'number')).toEqual([]);
    } finally {
      lookUps.mockRestore();
    }
    expect(states(kept)).toEqual(states(new Facts(table)));
  });

  function operationOf(
    step: {
      memory: number;
      does: string;
      pair: number | undefined;
      content: string;
      replaced: number | undefined;
      isSuperseding: boolean;
      validFrom: number | undefined;
      length: number | undefined;
    },
    seq: number,
    table: MemoryTable,
    idOf: (i: number) => string,
  ): Operation {
    const base = { id: idOf(step.memory), seq, at: seq, opId: 'op' };
    const ordinal = table.ordinalOf(base.id);
    const links = step.replaced === undefined ? undefined : [idOf(step.replaced)];
    const { pair, validFrom, length, content } = step;
    const changed = {
      content,
      subject: pair === undefined ? undefined : `subject ${pair}`,
      predicate: 'is',
      supersedes: step.isSuperseding ? links : undefined,
      contradicts: step.isSuperseding ? undefined : links,
      validFrom,
      invalidAt: length === undefined ? undefined : (validFrom ?? 0) + length,
    };
    if (ordinal === undefined)
      return {
        ...{ type: 'add', ...base, ordinal: table.nextOrdinal },
        fields: {
          ...{ kind: 'semantic', tier: 'working', priority: 'medium', importance: 0.5, tags: [] },
          ...{ source: 'test', createdAt: seq % 5, legalHold: false, related: [], metadata: {} },
          ...changed,
        },
      } as Operation;
    if (step.does === 'delete') return { type: 'delete', ...base, ordinal, reason: 'request' };
    return { type: 'update', ...base, after: changed, before: {} };
  }
});
