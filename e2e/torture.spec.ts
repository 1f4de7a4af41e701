/** A slice of `npm run torture -- --browser`: tabs, workers and the browser are killed in the middle of writing. */

import { expect, test } from '@playwright/test';
import { tortureBrowser } from '../scripts/torture/browser/run.ts';
import { url } from './support.ts';

/** Kills of the slice; the full run has 200. */
const KILLS = 8;
/** The lies of the full run, one commit in a thousand, are too few for a slice. */
const LIES = { kills: 24, oneIn: 20 };

// The browsers are killed: there is no one to ask for a trace.
test.use({ trace: 'off' });

test('tabs, workers and the browser are killed while they write, and nothing acknowledged is missing', async () => {
  test.setTimeout(180_000);
  const { report, problems } = await tortureBrowser({ url: url(), seed: 2, kills: KILLS });
  expect(problems).toEqual([]);
  expect(report).toMatchObject({ silentlyLost: 0, untypedErrors: 0 });
  expect(report.acknowledged).toBeGreaterThan(KILLS);
});

test('a database that acknowledges commits and does not write them is found out', async () => {
  test.setTimeout(180_000);
  const { report, problems } = await tortureBrowser({
    url: url(),
    seed: 1,
    kills: LIES.kills,
    lie: { kind: 'lie', oneIn: LIES.oneIn },
    endsAtFirst: true,
  });
  expect(report.faults.lie).toBeGreaterThan(0);
  expect(problems.length).toBeGreaterThan(0);
});
