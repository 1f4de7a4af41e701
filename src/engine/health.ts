/** What is wrong with a namespace, in words a host can act on. */

import { MAX_LOST_NAMED } from '../limits.ts';
import type { Health, HealthReason } from '../types.ts';

/** What opening found broken, by what it was. */
export class Damage {
  /** Memories lost to damage in blocks that have been written anew since. */
  lost = 0;
  /** Memories whose records are broken. */
  records = 0;
  /** Memories whose vectors are broken: found by their words, and embedded anew where the engine can. */
  vectors = 0;
  /** Operations of the log that are missing or broken. */
  operations = 0;
  /** Answers, entries of histories and access times that are broken. */
  rows = 0;
  /** Word segments that are broken or of another version: their memories are indexed anew. */
  words = 0;
  /** Graphs that are broken or of other rows: they are built anew. */
  graphs = 0;
  /** The manifest was lost once, and made anew from the blocks. */
  isRebuilt = false;
  /** Things that were broken and had a second copy. */
  repaired = 0;

  /** What of acknowledged writes cannot be had any more. */
  get unrecoverable(): number {
    return this.lost + this.records + this.operations;
  }
}

/** What else is known of the state of an engine. */
export interface HealthFacts {
  readonly damage: Damage;
  /** Ids of memories whose contents are lost. */
  readonly lostContents: readonly string[];
  /** Memories whose words are not in the index yet. */
  readonly unindexedWords: number;
  readonly unindexedVectors: number;
  readonly backgroundError: string | undefined;
  /** The format of an older database that stays beside this one. */
  readonly leftFormat: number | undefined;
  /** Why the store may not be written to. */
  readonly readOnly: string | undefined;
}

export function healthOf(facts: HealthFacts): Health {
  const { damage } = facts;
  const lost = lossesOf(facts);
  const degraded = degradationsOf(facts);
  return {
    state: lost.length > 0 ? 'lost' : degraded.length > 0 ? 'degraded' : 'ok',
    reasons: [...lost, ...degraded],
    repaired: damage.repaired + damage.graphs + damage.words,
  };
}

/** What cannot be had any more. */
function lossesOf({ damage, lostContents }: HealthFacts): readonly HealthReason[] {
  const lost: HealthReason[] = some([
    ['records-lost', damage.lost + damage.records, 'memories were damaged in storage and cannot be read'],
    ['operations-lost', damage.operations, 'changes are missing from the log or damaged in it'],
  ]);
  if (lostContents.length === 0) return lost;
  const contents: HealthReason = {
    code: 'contents-lost',
    count: lostContents.length,
    message: `${lostContents.length} memories have lost their contents: update or delete them`,
    ids: lostContents.slice(0, MAX_LOST_NAMED),
  };
  return [...lost, contents];
}

/** What serves, and less well than it could. */
function degradationsOf(facts: HealthFacts): readonly HealthReason[] {
  const { damage, unindexedWords, unindexedVectors } = facts;
  return [
    ...some([
      [
        'vectors-lost',
        damage.vectors,
        'memories had damaged vectors: they are found by their words until embedded anew',
      ],
      [
        'words-rebuilding',
        unindexedWords,
        'memories are not found by their words until these are indexed again',
      ],
      ['vectors-unindexed', unindexedVectors, 'memories have vectors that the index has no room for'],
      ['rows-damaged', damage.rows, 'answers, entries of histories or access times were damaged'],
    ]),
    ...conditionsOf(facts),
  ];
}

/** What is so or not, and has no number. */
function conditionsOf({ damage, leftFormat, backgroundError, readOnly }: HealthFacts): HealthReason[] {
  const conditions: readonly (HealthReason | false)[] = [
    damage.isRebuilt && {
      code: 'manifest-rebuilt',
      message:
        'the list of blocks was lost and made anew from the blocks: what could not be read is not in it',
    },
    leftFormat !== undefined && {
      code: 'older-database',
      message: `there is an older database of this namespace, in format ${leftFormat}, whose memories are not in this one: it was left as it is`,
    },
    backgroundError !== undefined && { code: 'background-failed', message: backgroundError },
    readOnly !== undefined && { code: 'read-only', message: readOnly },
  ];
  return conditions.filter((each) => each !== false);
}

type Finding = readonly [code: HealthReason['code'], count: number, message: string];

function some(findings: readonly Finding[]): HealthReason[] {
  return findings.flatMap(([code, count, message]) =>
    count === 0 ? [] : [{ code, count, message: `${count} ${message}` }],
  );
}
