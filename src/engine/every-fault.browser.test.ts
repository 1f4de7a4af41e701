import { describe, expect, it } from 'vitest';
import { openIndexedDbStorage } from '../storage/indexeddb.ts';
import { type FaultyPlace, failEveryOperation } from '../testing/every-fault.ts';
import { type ArmedFault, failRequest, type RequestFault } from '../testing/indexeddb-nth-fault.ts';
import { fill, openScenarioEngine, scenario } from './every-fault-scenario-test-util.ts';

const FAULTS: readonly RequestFault[] = ['throws', 'aborts', 'abortsLate', 'closes'];
/** The scenario opens, reads, writes and folds: fewer would mean that it was not made to fail. */
const FEWEST_OPERATIONS = 40;

describe('a request or transaction of IndexedDB that goes wrong leaves the state before or after, whichever one it is', () => {
  it.each(FAULTS)('%s', { timeout: 120_000 }, async (fault) => {
    let idle: () => Promise<void> = async () => undefined;
    const names: string[] = [];
    const create = async (): Promise<FaultyPlace> => {
      const name = `every-fault-${crypto.randomUUID()}`;
      names.push(name);
      await fill(() => openIndexedDbStorage({ name }));
      let armed: ArmedFault | undefined;
      return {
        arm: (at) => {
          armed = failRequest(name, at, fault);
        },
        disarm: () => armed?.disarm() ?? false,
        open: async () => {
          const opened = await openScenarioEngine(await openIndexedDbStorage({ name }));
          idle = opened.idle;
          return opened.engine;
        },
      };
    };
    const operations = await failEveryOperation(
      create,
      scenario(() => idle()),
    );
    expect(operations).toBeGreaterThan(FEWEST_OPERATIONS);
    for (const name of names) indexedDB.deleteDatabase(name);
  });
});
