/** Which memories are to go where there is no room: the least valuable of all, as many as free what is needed. */

import { Candidates, isProtected, memoryValue, type Need, type Victims } from '../lifecycle/eviction.ts';
import { EVICTION_SCAN, WORDS_PER_CONTENT_BYTE } from '../limits.ts';
import { momentOf } from '../memory/fact.ts';
import type { MemoryFields } from '../types.ts';
import type { Environment } from './environment.ts';
import { pauseIn } from './slices.ts';
import type { EngineState } from './state.ts';

interface VictimsParts {
  readonly state: EngineState;
  readonly environment: Pick<Environment, 'now' | 'schedule'>;
  /** Bytes that all memories take in storage. */
  readonly storedBytes: () => number;
}

/** Bytes of a memory's fields in storage, and of what its blocks say of it. */
const ROW_BYTES = 300;
/** Bytes of one number of a stored vector: twelve bits. */
const NUMBER_BYTES = 1.5;

/**
 * The least valuable that meet the first of some needs that can be met. It looks at all memories, in slices:
 * a search comes between.
 *
 * @param except ids of memories that a write is about.
 */
export async function chooseVictims(
  parts: VictimsParts,
  needs: readonly Need[],
  except: ReadonlySet<string>,
): Promise<Victims | undefined> {
  const { candidates, allBytes } = await lookAtAll(parts, except);
  // What a memory frees is its share of what is stored: estimates are brought to the sum that is known.
  const scale = allBytes / Math.max(1, parts.storedBytes());
  for (const { memories, bytes } of needs) {
    const victims = candidates.choose({ memories, bytes: bytes * scale });
    if (victims !== undefined) return victims;
  }
  return undefined;
}

async function lookAtAll(
  { state, environment }: VictimsParts,
  except: ReadonlySet<string>,
): Promise<{ readonly candidates: Candidates; readonly allBytes: number }> {
  const { table } = state;
  // One moment for all: of equal memories those looked at later would be worth less.
  const now = environment.now();
  const kept = new Set([...except].map((id) => table.ordinalOf(id)));
  const candidates = new Candidates(table.size);
  let allBytes = 0;
  let looked = 0;
  const end = table.nextOrdinal;
  for (let ordinal = 0; ordinal < end; ordinal++) {
    if (++looked % EVICTION_SCAN === 0) await pauseIn(environment);
    if (!table.has(ordinal)) continue;
    const bytes = bytesOf(state, ordinal);
    allBytes += bytes;
    const isFixed = kept.has(ordinal) || isProtected(protectionOf(state, ordinal));
    if (!isFixed) candidates.offer(ordinal, worthOf(state, ordinal, now), bytes);
  }
  return { candidates, allBytes };
}

/** The value of a memory at a time, see `lifecycle/eviction.ts`. */
export function worthOf({ table, access, facts }: EngineState, ordinal: number, now: number): number {
  return memoryValue(
    {
      isReplaced: facts.validityOf(ordinal, momentOf(undefined, now)).by !== undefined,
      priority: table.field(ordinal, 'priority') as MemoryFields['priority'],
      importance: table.field(ordinal, 'importance') as number,
      accessCount: access.count(ordinal),
      lastUsedAt: Math.max(access.lastAccessedAt(ordinal) ?? 0, table.field(ordinal, 'updatedAt') as number),
    },
    now,
  );
}

function protectionOf({ table }: EngineState, ordinal: number): Pick<MemoryFields, 'priority' | 'legalHold'> {
  return {
    priority: table.field(ordinal, 'priority') as MemoryFields['priority'],
    legalHold: table.field(ordinal, 'legalHold') as boolean,
  };
}

/** About what a memory takes in blocks; only the proportions matter. */
function bytesOf({ table }: EngineState, ordinal: number): number {
  return (
    ROW_BYTES +
    table.contentBytesOf(ordinal) * (1 + WORDS_PER_CONTENT_BYTE) +
    (table.embeddingOf(ordinal)?.dimensions ?? 0) * NUMBER_BYTES
  );
}
