import { describe, expect, it } from 'vitest';
import { torture } from './run.ts';

/** A slice of `npm run torture`: seconds instead of minutes. */
const RUNS = 200;
/** The lies of the full run, one commit in a thousand, are too few for a slice. */
const LIES = { runs: 40, oneIn: 20 };

describe('torture', () => {
  it('loses nothing that was acknowledged in any history, and ends each call in an answer or a typed error', {
    timeout: 120_000,
  }, async () => {
    const { report, failures } = await torture({ seed: 1, runs: RUNS });
    expect(failures).toEqual([]);
    expect(report).toMatchObject({ histories: RUNS, silentlyLost: 0, untypedErrors: 0, failing: 0 });
    expect(report.acknowledged).toBeGreaterThan(RUNS);
    const kinds = [
      ...['failed', 'answerLost', 'closed', 'quota', 'hang', 'hangLanded', 'staleEpoch', 'flippedRead'],
      ...['killed', 'killedLanded', 'killedBetween', 'secondOwner', 'deleted', 'flippedAtRest', 'tornAtRest'],
    ];
    expect(Object.keys(report.faults).sort()).toEqual(kinds.sort());
  });

  it('does the same for the same seed', { timeout: 60_000 }, async () => {
    const [{ report: one }, { report: other }] = [
      await torture({ seed: 7, runs: 20 }),
      await torture({ seed: 7, runs: 20 }),
    ];
    expect({ ...one, seconds: 0 }).toEqual({ ...other, seconds: 0 });
  });

  it.each(['lie', 'droppedPut'] as const)(
    'finds out a storage that lies: %s',
    { timeout: 120_000 },
    async (kind) => {
      const { report, failures } = await torture({
        seed: 1,
        runs: LIES.runs,
        profile: 'calm',
        lie: { kind, oneIn: LIES.oneIn },
        failuresWanted: LIES.runs,
      });
      expect(report.faults[kind]).toBeGreaterThan(0);
      expect(report.silentlyLost).toBeGreaterThan(0);
      expect(failures.length).toBeGreaterThan(0);
    },
  );
});
