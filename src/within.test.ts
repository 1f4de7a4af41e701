import { describe, expect, it } from 'vitest';
import { createTestEnvironment } from './testing/environment.ts';
import { tooLate, within } from './within.ts';

const never = new Promise<string>(() => undefined);

describe('waiting within a time', () => {
  it('comes to what the work comes to, and leaves no timer behind', async () => {
    const running = new Set<object>();
    const schedule = () => {
      const timer = {};
      running.add(timer);
      return () => running.delete(timer);
    };
    expect(await within(Promise.resolve('done'), 100, schedule, () => 'late')).toBe('done');
    await expect(within(Promise.reject(new Error('broken')), 100, schedule, () => 'late')).rejects.toThrow(
      'broken',
    );
    expect(running.size).toBe(0);
  });

  it('comes to the answer given in its place once the time has passed, not before', async () => {
    const { schedule, advance } = createTestEnvironment({ seed: 1 });
    let outcome: string | undefined;
    const waiting = within(never, 100, schedule, () => 'late').then((each) => {
      outcome = each;
    });
    await advance(99);
    expect(outcome).toBeUndefined();
    await advance(1);
    await waiting;
    expect(outcome).toBe('late');
  });

  it('fails with the error thrown in its place, which names what took too long', async () => {
    const { schedule, advance } = createTestEnvironment({ seed: 1 });
    const waiting = within(never, 100, schedule, () => tooLate('the model', 100));
    const refused = expect(waiting).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: expect.stringContaining('the model took longer than 100 ms'),
      retryable: true,
    });
    await advance(100);
    await refused;
  });
});
