import { describe, expect, it } from 'vitest';
import type { Embedder } from '../embedding/embedder.ts';
import {
  QUERY_AUTO_PATIENCE_MS,
  QUERY_BUDGET_MS,
  QUERY_CACHE_VECTORS,
  QUERY_DEADLINE_MS,
  QUERY_MEASURES,
  QUERY_PATIENCE_MS,
  QUERY_PROBE_MS,
} from '../limits.ts';
import { createTestEnvironment, settle, type TestEnvironment } from '../testing/environment.ts';
import { QueryEmbedding, type QueryOutcome } from './query-embedding.ts';

/** Two models of one space: the one wanted takes as long as it is told, or fails. */
function twoModels(environment: TestEnvironment) {
  const behaviour = { ms: 5, error: undefined as Error | undefined };
  const asked: string[] = [];
  const failures: unknown[] = [];
  const model = (id: string): Embedder => ({
    id,
    space: 's',
    dimensions: 2,
    embed: async () => [],
    close: async () => undefined,
  });
  const [better, builtin] = [model('better'), model('builtin')];
  let models: readonly Embedder[] = [better, builtin];
  return {
    behaviour,
    asked,
    failures,
    service: {
      forSpace: (space: string) => (space === 's' ? models : []),
      embedQuery: async ({ id }: Embedder) => {
        asked.push(id);
        const { ms, error } = behaviour;
        if (id === 'better') await new Promise<void>((resolve) => environment.schedule(ms, resolve));
        if (id === 'better' && error !== undefined) throw error;
        return Float32Array.of(1, 0);
      },
      takeFailure: (_: Embedder, error: unknown) => failures.push(error),
      problemOf: () => undefined,
    },
    leave: (left: 'better' | 'builtin' = 'builtin') => {
      models = [left === 'better' ? better : builtin];
    },
    reload: () => {
      models = [model('better'), builtin];
    },
  };
}

function open(choice: 'auto' | 'builtin' | 'preferred' = 'auto') {
  const environment = createTestEnvironment();
  const two = twoModels(environment);
  const queries = new QueryEmbedding(two.service, environment, choice);
  let questions = 0;
  /** A question that was not asked before: the answer to one that was is kept. */
  const ask = async (...[wanted]: ('auto' | 'builtin' | 'preferred')[]): Promise<QueryOutcome> => {
    questions += 1;
    const outcome = queries.embed('s', `question ${questions}`, wanted);
    await environment.advance(two.behaviour.ms);
    await settle();
    return outcome;
  };
  return { environment, ask, queries, ...two };
}

const whoOf = ({ query }: QueryOutcome) => `${query?.modelId} ${query?.why}`;

describe('a question asked again in the same words', () => {
  it('is not embedded again, and takes no time', async () => {
    const { queries, asked, ask, behaviour, environment } = open('preferred');
    const first = await ask();
    const again = await queries.embed('s', 'question 1');
    expect(again).toEqual(first);
    expect(asked).toEqual(['better']);
    // Also of a model that has become too slow to be waited for.
    behaviour.ms = 100 * QUERY_PATIENCE_MS;
    expect(whoOf(await queries.embed('s', 'question 1'))).toBe('better set');
    expect(environment.monotonicMs()).toBe(5);
  });

  it('is embedded again by another model, and another text by the same', async () => {
    const { queries, asked, ask, leave } = open('preferred');
    await ask();
    leave();
    expect(whoOf(await queries.embed('s', 'question 1'))).toBe('builtin only');
    expect(asked).toEqual(['better', 'builtin']);
    for (const text of ['question 1 ', 'Question 1', '']) await queries.embed('s', text);
    expect(asked).toHaveLength(5);
  });

  it('does not make a slow model seem quick', async () => {
    const { queries, behaviour, ask } = open('auto');
    behaviour.ms = 2 * QUERY_BUDGET_MS;
    await ask();
    for (let i = 0; i < 2 * QUERY_MEASURES; i++) await queries.embed('s', 'question 1', 'preferred');
    expect(whoOf(await ask('auto'))).toBe('builtin slow');
  });

  it('does not hide that a model fails, nor is a failure kept', async () => {
    const { queries, behaviour, ask, failures } = open('auto');
    await ask();
    behaviour.error = new Error('out of memory');
    expect(whoOf(await queries.embed('s', 'question 1'))).toBe('better auto');
    for (let i = 1; i <= 2; i++) {
      const outcome = await ask();
      expect(whoOf(outcome)).toBe('builtin failed');
      expect(outcome.problems).toEqual([expect.stringContaining('out of memory')]);
      expect(failures).toHaveLength(i);
    }
    behaviour.error = undefined;
    const failedBefore = queries.embed('s', 'question 2');
    await ask();
    expect(whoOf(await failedBefore)).toBe('better auto');
  });

  it('is kept for so many questions only', async () => {
    const { queries, asked, ask } = open('preferred');
    for (let i = 0; i <= QUERY_CACHE_VECTORS; i++) await ask();
    const before = asked.length;
    await queries.embed('s', `question ${QUERY_CACHE_VECTORS + 1}`);
    expect(asked).toHaveLength(before);
    void queries.embed('s', 'question 1');
    await settle();
    expect(asked).toHaveLength(before + 1);
  });

  it('is told from one of another space, whatever the names are', async () => {
    const environment = createTestEnvironment();
    const asked: string[] = [];
    const model = (space: string): Embedder => ({
      ...{ id: 'm', space, dimensions: 2, embed: async () => [], close: async () => undefined },
    });
    const queries = new QueryEmbedding(
      {
        forSpace: (space) => [model(space)],
        embedQuery: async ({ space }, text) => {
          asked.push(`${space}/${text}`);
          return Float32Array.of(1, 0);
        },
        takeFailure: () => undefined,
        problemOf: () => undefined,
      },
      environment,
      'auto',
    );
    await queries.embed('s', '2 x');
    await queries.embed('s 2', 'x');
    expect(asked).toEqual(['s/2 x', 's 2/x']);
  });
});

describe('which model asks a space that two can ask', () => {
  it('is the one wanted while its queries are quick', async () => {
    const { ask } = open();
    for (let i = 0; i < 3; i++) expect(whoOf(await ask())).toBe('better auto');
  });

  it('is the built-in one while those took long, until some in passing were quick again', async () => {
    const { ask, behaviour, environment, asked } = open();
    behaviour.ms = QUERY_BUDGET_MS + 1;
    expect(whoOf(await ask())).toBe('better auto'); // nothing is known of it before
    expect(whoOf(await ask())).toBe('builtin slow');
    behaviour.ms = 5;
    const seen: string[] = [];
    for (let i = 0; i < QUERY_MEASURES; i++) {
      await environment.advance(QUERY_PROBE_MS);
      seen.push(whoOf(await ask()));
    }
    expect(seen[0]).toBe('builtin slow');
    expect(seen.at(-1)).toBe('better auto');
    expect(asked.filter((id) => id === 'builtin').length).toBeLessThan(QUERY_MEASURES);
  });

  it('does not change for one slow query among quick ones', async () => {
    const { ask, behaviour } = open();
    for (let i = 0; i < 4; i++) await ask();
    behaviour.ms = 4 * QUERY_BUDGET_MS;
    await ask();
    expect(whoOf(await ask())).toBe('better auto');
  });

  it('measures a slow one in passing, once in a while only', async () => {
    const { ask, behaviour, asked, environment } = open();
    behaviour.ms = 2 * QUERY_BUDGET_MS;
    await ask();
    behaviour.ms = 1;
    for (let i = 0; i < 20; i++) await ask();
    expect(asked.filter((id) => id === 'better')).toHaveLength(1);
    await environment.advance(QUERY_PROBE_MS);
    await ask();
    expect(asked.filter((id) => id === 'better')).toHaveLength(2);
  });

  it('knows nothing of a model that was loaded anew', async () => {
    const { ask, behaviour, reload } = open();
    behaviour.ms = 2 * QUERY_BUDGET_MS;
    await ask();
    reload();
    expect(whoOf(await ask())).toBe('better auto');
  });

  it('can be set for all searches, and for one', async () => {
    const { ask, behaviour } = open('builtin');
    expect(whoOf(await ask())).toBe('builtin set');
    expect(whoOf(await ask('preferred'))).toBe('better set');
    behaviour.ms = 10 * QUERY_BUDGET_MS;
    for (let i = 0; i < 3; i++) expect(whoOf(await ask('preferred'))).toBe('better set');
    expect(whoOf(await ask('auto'))).toBe('builtin slow');
  });

  it('is the only one there is, whatever is set', async () => {
    const { ask, leave, queries } = open('preferred');
    leave();
    expect(whoOf(await ask())).toBe('builtin only');
    expect(await queries.embed('elsewhere', 'x')).toEqual({
      query: undefined,
      problems: ['no model is loaded that can ask vectors of elsewhere'],
    });
  });

  it('is the other one where it fails, which is told', async () => {
    const { ask, behaviour, failures } = open();
    behaviour.error = new Error('out of memory');
    const outcome = await ask();
    expect(whoOf(outcome)).toBe('builtin failed');
    expect(outcome.problems).toEqual([expect.stringContaining('out of memory')]);
    expect(failures).toEqual([behaviour.error]);
  });

  it('is the other one where it does not answer, and that one until it is known to be quick', async () => {
    const { queries, behaviour, environment } = open('auto');
    behaviour.ms = 100 * QUERY_PATIENCE_MS;
    const outcome = queries.embed('s', 'x');
    await environment.advance(QUERY_AUTO_PATIENCE_MS);
    expect(whoOf(await outcome)).toBe('builtin failed');
    expect((await outcome).problems[0]).toContain('did not embed the query within');
    expect(whoOf(await queries.embed('s', 'y'))).toBe('builtin slow');
  });

  it('is none where the only one does not answer: words alone are asked then', async () => {
    const { queries, behaviour, environment, leave } = open();
    leave('better');
    behaviour.ms = Number.POSITIVE_INFINITY;
    const outcome = queries.embed('s', 'x');
    await environment.advance(QUERY_DEADLINE_MS);
    expect(await Promise.race([outcome, settle()])).toEqual({
      query: undefined,
      problems: [expect.stringContaining('embedded the query within')],
    });
  });
});
