import { describe, expect, it } from 'vitest';
import { type TortureOptions, torture } from './run.ts';

/** A slice of `npm run torture`: seconds instead of minutes. */
const RUNS = 200;
/** The lies of the full run, one commit in a thousand, are too few for a slice. */
const LIES = { runs: 40, oneIn: 20 };
/** Longest time for a slice on a machine that does other things too, ms. */
const TIMEOUT_MS = 120_000;

const KINDS = [
  ...['flippedRead', 'flippedAtRest', 'tornAtRest'],
  ...['failed', 'answerLost', 'notLanded', 'closed', 'quota', 'hang', 'hangLanded', 'staleEpoch'],
  ...['killed', 'killedLanded', 'killedBetween', 'secondOwner', 'deleted'],
];

const failuresOf = async (options: TortureOptions) => (await torture(options)).failures;

describe('torture', () => {
  it('loses nothing that was acknowledged in any history, and ends each call in an answer or a typed error', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { report, failures } = await torture({ seed: 1, runs: RUNS });
    expect(failures).toEqual([]);
    expect(report).toMatchObject({ histories: RUNS, silentlyLost: 0, untypedErrors: 0 });
    expect(report.acknowledged).toBeGreaterThan(RUNS);
    expect(Object.keys(report.faults).sort()).toEqual(KINDS.sort());
  });

  it('takes a bit flipped in a read for no damage', { timeout: TIMEOUT_MS }, async () => {
    expect(await failuresOf({ seed: 2_098_781_788, runs: 1, profile: 'harsh', isShrunk: false })).toEqual([]);
  });

  it('serves all others where one row is broken, and reports that one', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const only = { seed: 1_022_348_973, runs: 1, profile: 'damaged', isShrunk: false } as const;
    expect(await failuresOf({ ...only, without: new Set(['flippedRead']) })).toEqual([]);
  });

  it('does the same for the same seed', { timeout: TIMEOUT_MS }, async () => {
    const [{ report: one }, { report: other }] = [
      await torture({ seed: 7, runs: 20, failuresWanted: 20, isShrunk: false }),
      await torture({ seed: 7, runs: 20, failuresWanted: 20, isShrunk: false }),
    ];
    expect({ ...one, seconds: 0 }).toEqual({ ...other, seconds: 0 });
  });

  it.each(['lie', 'droppedPut'] as const)(
    'finds out a storage that lies: %s',
    {
      timeout: TIMEOUT_MS,
    },
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
