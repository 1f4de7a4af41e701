import { afterEach, describe, expect, it, vi } from 'vitest';
import { FOLD_IDLE_MS } from '../limits.ts';
import { prefixRange, type Storage } from '../storage/storage.ts';
import { createTestEnvironment } from '../testing/environment.ts';
import { TEXT_VERSION } from '../text/terms.ts';
import { createLastingStorage, NOW, until } from './engine-test-util.ts';
import { LOG_ROWS } from './layout.ts';

const WORDS = prefixRange('words/');

/** The engine as a release has it whose words and terms are made by some version of the rules. */
async function openAsOf(version: number, storage: Storage) {
  vi.resetModules();
  vi.doMock('../text/terms.ts', async (original) => ({
    ...(await original<typeof import('../text/terms.ts')>()),
    TEXT_VERSION: version,
  }));
  const environment = createTestEnvironment({ seed: version, now: NOW });
  const { openTestEngine } = await import('./engine-test-util.ts');
  return { engine: await openTestEngine({ storage, environment }), environment };
}

/** The version of the rules that stored segments of words have, read from their headers. */
async function storedVersions(storage: Storage): Promise<ReadonlySet<number>> {
  const values = await storage.getMany(await storage.getKeys(WORDS));
  const versionOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint16(6, true);
  return new Set(values.flatMap((bytes) => (bytes === undefined ? [] : [versionOf(bytes)])));
}

afterEach(() => {
  vi.doUnmock('../text/terms.ts');
  vi.resetModules();
});

describe('words that an earlier release stored, by other rules', () => {
  it('are indexed anew when it is opened, and stored by the rules of now', async () => {
    const storage = createLastingStorage();
    const { engine: first, environment } = await openAsOf(TEXT_VERSION - 1, storage);
    await first.addMany(['the oak by the river', 'a boat on the river'].map((content) => ({ content })));
    await environment.advance(FOLD_IDLE_MS);
    await until(async () => (await storage.getKeys(LOG_ROWS)).length === 0);
    await first.close();
    expect(await storedVersions(storage)).toEqual(new Set([TEXT_VERSION - 1]));
    const { engine } = await openAsOf(TEXT_VERSION, storage);
    const arms = ['lexical'] as const;
    await until(async () => (await engine.search('river', { arms })).hits.length === 2);
    await until(async () => (await storedVersions(storage)).has(TEXT_VERSION));
    expect(await engine.health()).toMatchObject({ state: 'ok' });
    await engine.close();
    expect(await storedVersions(storage)).toEqual(new Set([TEXT_VERSION]));
  });
});
