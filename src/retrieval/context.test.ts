import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallerContext } from '../types.ts';
import { createContextScorer, type Placed } from './context.ts';

const rarityOf = (tag: string) => (tag === 'all' ? 0.001 : 4.5);
const placed = (parts: Partial<Placed> = {}): Placed => ({ tags: [], metadata: {}, ...parts });
const scoreOf = (context: CallerContext, memory: Partial<Placed>, similarity?: number) =>
  createContextScorer(context, rarityOf)?.(placed(memory), similarity);

describe('the context of a memory', () => {
  it('is what the caller names, and nothing where it names nothing', () => {
    for (const empty of [{}, { tags: [] }, { metadata: {} }, { task: ' ' }, { sessionId: undefined }])
      expect(createContextScorer(empty, rarityOf)).toBeUndefined();
    expect(scoreOf({ sessionId: 's1' }, { sessionId: 's1' })).toBe(1);
    expect(scoreOf({ agentId: 'a' }, { agentId: 'b' })).toBe(0);
  });

  it('compares what a memory holds itself, not what all objects have', () => {
    const inherited = Object.create({ cluster: 'eu' }) as Placed['metadata'];
    expect(scoreOf({ metadata: { cluster: 'eu' } }, { metadata: inherited })).toBe(0);
    expect(scoreOf({ metadata: { cluster: 'eu' } }, { metadata: { cluster: 'eu' } })).toBe(1);
  });

  it('is the mean of the parts by their weights', () => {
    const context = { sessionId: 's1', tags: ['etl'] };
    expect(scoreOf(context, { sessionId: 's1' })).toBeCloseTo(3 / (3 + 2), 12);
    expect(scoreOf(context, { tags: ['etl'] })).toBeCloseTo(2 / (3 + 2), 12);
  });

  it('counts every part that the context names, the task and the session most and the agent least', () => {
    const context = { sessionId: 's', agentId: 'a', tags: ['etl'], task: 'mend', metadata: { zone: 1 } };
    const alone = (memory: Partial<Placed>, similarity = 0) => scoreOf(context, memory, similarity);
    const [task, session] = [alone({}, 1), alone({ sessionId: 's' })];
    const [metadata, tags] = [alone({ metadata: { zone: 1 } }), alone({ tags: ['etl'] })];
    const agent = alone({ agentId: 'a' });
    expect([task, session, metadata, tags, agent].map((part) => Math.round((part ?? 0) * 11))).toEqual([
      3, 3, 2, 2, 1,
    ]);
  });

  it('takes rare tags for more than common ones, and holds further tags against nobody', () => {
    const context = { tags: ['all', 'etl'] };
    const common = scoreOf(context, { tags: ['all'] }) ?? 0;
    const rare = scoreOf(context, { tags: ['etl'] }) ?? 0;
    expect(rare).toBeGreaterThan(100 * common);
    expect(common).toBeGreaterThan(0);
    expect(scoreOf(context, { tags: ['etl', 'x', 'y', 'z'] })).toBe(rare);
    expect(scoreOf(context, { tags: ['etl', 'all'] })).toBe(1);
  });

  it('counts each key of the host’s context alike, whatever it holds', () => {
    const metadata = { cluster: 'eu-1', shard: 3, where: { zone: 'a', rack: [1, 2] }, teams: 'data' };
    const score = (held: Placed['metadata']) => scoreOf({ metadata }, { metadata: held });
    expect(score({ cluster: 'eu-1' })).toBe(0.25);
    expect(score({ cluster: 'eu-1', shard: '3' })).toBe(0.25);
    expect(score({ where: { rack: [1, 2], zone: 'a' } })).toBe(0.25);
    expect(score({ where: { rack: [2, 1], zone: 'a' } })).toBe(0);
    expect(score({ where: { rack: [1, 2], zone: 'a', more: null } })).toBe(0);
    expect(score({ teams: ['data', 'web'] })).toBe(0.25);
    expect(score({ ...metadata, other: true })).toBe(1);
    expect(score({ cluster: null, where: null })).toBe(0);
  });

  it('takes the likeness to the task as it is given, within 0–1', () => {
    const task = 'mend the nightly load';
    expect([-0.2, 0.5, 1.1].map((similarity) => scoreOf({ task }, {}, similarity))).toEqual([0, 0.5, 1]);
    expect(scoreOf({ task }, {})).toBe(0);
  });

  const names = fc.constantFrom('a', 'b', 'all');
  const fields = {
    sessionId: fc.option(names, { nil: undefined }),
    agentId: fc.option(names, { nil: undefined }),
    tags: fc.uniqueArray(names),
    metadata: fc.dictionary(names, fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<Placed['metadata']>,
  };
  const contexts = fc.record({ ...fields, task: fc.option(fc.string(), { nil: undefined }) });
  const memories = fc.record(fields);

  it('is from 0 to 1, and never lower for one more thing in common', () => {
    fc.assert(
      fc.property(
        contexts,
        memories,
        fc.double({ min: -1, max: 1, noNaN: true }),
        (context, memory, similarity) => {
          const score = createContextScorer(context, rarityOf);
          if (score === undefined) return;
          const plain = score(memory, similarity);
          expect(plain).toBeGreaterThanOrEqual(0);
          expect(plain).toBeLessThanOrEqual(1);
          const nearer = [
            { ...memory, sessionId: context.sessionId },
            { ...memory, agentId: context.agentId },
            { ...memory, tags: [...new Set([...memory.tags, ...context.tags])] },
            { ...memory, metadata: { ...memory.metadata, ...context.metadata } },
          ];
          for (const each of nearer) expect(score(each, similarity)).toBeGreaterThanOrEqual(plain - 1e-12);
          expect(score({ ...context }, 1)).toBeCloseTo(1, 12);
        },
      ),
    );
  });
});
