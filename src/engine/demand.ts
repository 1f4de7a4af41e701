/** What a write takes: memories, and bytes in the log and in the blocks that these will be folded into. */

import type { Need } from '../lifecycle/eviction.ts';
import { WORDS_PER_CONTENT_BYTE } from '../limits.ts';
import type { Operation } from '../memory/operation.ts';
import { utf8Length } from '../memory/record.ts';
import { encodeBatch } from './layout.ts';

/** Memories and bytes that a write adds. */
export type Demand = Need;

/** Bytes of a call's answer in storage, and of each id in it. */
const ANSWER_BYTES = 300;
const ANSWER_ID_BYTES = 40;

/** What a write takes in the log, its answer and the words to be stored for it included. */
export function demandOf(operations: readonly Operation[]): Demand {
  const memories = addsOf(operations);
  const words = operations.reduce((sum, operation) => sum + utf8Length(newContentOf(operation)), 0);
  return {
    memories,
    bytes:
      encodeBatch(operations).byteLength +
      ANSWER_BYTES +
      ANSWER_ID_BYTES * memories +
      Math.ceil(words * WORDS_PER_CONTENT_BYTE),
  };
}

/** How many memories operations add. */
export function addsOf(operations: readonly Operation[]): number {
  return operations.filter(({ type }) => type === 'add').length;
}

function newContentOf(operation: Operation): string {
  if (operation.type === 'add') return operation.fields.content;
  return operation.type === 'update' ? (operation.after.content ?? '') : '';
}
