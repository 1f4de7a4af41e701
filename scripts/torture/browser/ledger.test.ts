import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.ts';

const FINE = { missing: new Map(), unwanted: [] };
const of = (key: string, content: string) => ({ key, content });

function ledgerWith(...keys: readonly string[]): Ledger {
  const ledger = new Ledger();
  for (const key of keys) {
    ledger.begin(key, [of(key, 'first')]);
    ledger.acknowledge(key);
  }
  return ledger;
}

describe('the ledger', () => {
  it('finds nothing wrong where all is as acknowledged', () => {
    expect(ledgerWith('a', 'b').compare([of('b', 'first'), of('a', 'first')])).toEqual(FINE);
  });

  it('misses what was acknowledged and is not there, or is there as it was before', () => {
    const ledger = ledgerWith('a', 'b');
    ledger.begin('change', [of('b', 'second')]);
    ledger.acknowledge('change');
    expect([...ledger.compare([of('b', 'first')]).missing.values()]).toEqual([
      'a is null, and should be first',
      'b is first, and should be second',
    ]);
  });

  it('allows both states of a call that never ended, and none but those', () => {
    const ledger = ledgerWith('a');
    ledger.begin('change', [of('a', 'second')]);
    expect(ledger.compare([of('a', 'first')])).toEqual(FINE);
    expect(ledger.compare([of('a', 'second')])).toEqual(FINE);
    expect(ledger.compare([of('a', 'third')]).missing.size).toBe(1);
  });

  it('does not want what was deleted, refused, never asked for, or is there twice', () => {
    const ledger = ledgerWith('gone', 'twice');
    ledger.begin('delete', [{ key: 'gone', content: null }]);
    ledger.acknowledge('delete');
    ledger.begin('add', [of('refused', 'first')]);
    ledger.refuse('add');
    const listed = ['gone', 'refused', 'strange', 'twice', 'twice'].map((key) => of(key, 'first'));
    expect(ledger.compare(listed).missing.size).toBe(0);
    expect(ledger.compare(listed).unwanted).toHaveLength(4);
  });
});
