import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FOLD_BATCH, FOLD_BYTES } from '../limits.ts';
import type { Operation } from '../memory/operation.ts';
import { type Batch, Log } from './log.ts';

/** A row of the log with so many operations, numbered from a first one on. */
function batchOf(seq: number, count: number, bytes = 100): Batch {
  const operations = Array.from(
    { length: count },
    (_, i): Operation => ({
      type: 'delete',
      id: `m${(seq + i) % 3}`,
      ordinal: seq + i,
      seq: seq + i,
      at: 0,
      opId: 'o',
      reason: 'request',
    }),
  );
  return { key: `log/${seq}`, operations, bytes };
}

const sizes = fc.array(fc.record({ count: fc.integer({ min: 1, max: 50 }), bytes: fc.nat(FOLD_BYTES) }), {
  maxLength: 20,
});

function batchesOf(given: readonly { readonly count: number; readonly bytes: number }[]): readonly Batch[] {
  let seq = 1;
  return given.map(({ count, bytes }) => {
    const batch = batchOf(seq, count, bytes);
    seq += count;
    return batch;
  });
}

describe('the log', () => {
  it('has what came and was not folded, oldest first, whatever it held when it was opened', () => {
    fc.assert(
      fc.property(sizes, fc.nat(20), (given, loaded) => {
        const batches = batchesOf(given);
        const log = new Log({ batches: batches.slice(0, loaded), lostOperations: [] });
        log.add(batches.slice(loaded));
        let left = batches;
        while (!log.isEmpty) {
          expect(log.operations).toBe(left.flatMap(({ operations }) => operations).length);
          expect(log.bytes).toBe(left.reduce((sum, { bytes }) => sum + bytes, 0));
          expect(log.firstSeq).toBe(left[0]?.operations[0]?.seq);
          const oldest = log.oldest();
          expect(oldest).toEqual(left.slice(0, Math.max(1, oldest.length)));
          log.drop(oldest);
          left = left.slice(oldest.length);
        }
        expect(left).toEqual([]);
        expect([log.operations, log.bytes, log.firstSeq]).toEqual([0, 0, undefined]);
      }),
    );
  });

  it('gives a fold as many batches as are within its bounds, and one that is beyond them by itself', () => {
    const within = [batchOf(1, FOLD_BATCH - 1), batchOf(FOLD_BATCH, 1), batchOf(FOLD_BATCH + 1, 1)];
    expect(new Log({ batches: within, lostOperations: [] }).oldest()).toHaveLength(2);
    const large = [batchOf(1, 1, FOLD_BYTES + 1), batchOf(2, 1)];
    expect(new Log({ batches: large, lostOperations: [] }).oldest()).toHaveLength(1);
  });

  it('has the operations of a memory in order', () => {
    const log = new Log({ batches: [batchOf(1, 4), batchOf(5, 3)], lostOperations: [] });
    expect(log.operationsOf('m1').map(({ seq }) => seq)).toEqual([1, 4, 7]);
  });

  it('knows what of it was lost until that is written down', () => {
    const lostOperations = [
      { seq: 3, count: 2 },
      { seq: 9, count: 1, key: 'log/9' },
      { seq: 20, count: 5 },
    ];
    const log = new Log({ batches: [], lostOperations });
    expect(log.lostUpTo(9)).toEqual({ count: 3, keys: ['log/9'] });
    log.forgetLostUpTo(9);
    expect(log.hasLost).toBe(true);
    expect(log.lostUpTo(20)).toEqual({ count: 5, keys: [] });
    log.forgetLostUpTo(20);
    expect(log.hasLost).toBe(false);
  });
});
