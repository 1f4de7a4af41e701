/** Says the engine's state in words, for the status line and the storage meter. */

import type { LociError } from '../src/errors.ts';
import type { Durability, LimitsStatus, Status } from '../src/types.ts';

/** Something to say, and whether it should stand out. */
export interface Said {
  readonly text: string;
  readonly tone: 'good' | 'busy' | 'warn' | 'plain';
}

/** Which model serves, and what becomes of the one wanted. */
export function describeModel({ embedder, reembedding }: Status): Said {
  const active = modelName(embedder.activeId);
  const wanted = modelName(embedder.preferredId);
  if (embedder.state === 'failed') {
    return { text: `${wanted} could not be loaded: ${active} serves`, tone: 'warn' };
  }
  // An owner in another tab may be of a release whose built-in model needs no loading.
  if (embedder.builtin?.state === 'loading' && embedder.activeId === embedder.builtin.id) {
    return { text: `loading ${active} ${Math.floor(embedder.builtin.progress * 100)} %`, tone: 'busy' };
  }
  if (embedder.state === 'loading') {
    const percent = Math.floor(embedder.progress * 100);
    return {
      text: `loading ${wanted} ${percent} %${active === wanted ? '' : `, ${active} serves`}`,
      tone: 'busy',
    };
  }
  if (embedder.builtin?.state === 'idle' && embedder.activeId === embedder.builtin.id) {
    return { text: `${active}, not needed yet`, tone: 'plain' };
  }
  if (reembedding.done < reembedding.total) {
    return { text: `${active}, re-embedding ${reembedding.done}/${reembedding.total}`, tone: 'busy' };
  }
  return { text: active, tone: 'good' };
}

/** How safe what was written is; "saved" only from the level that survives the browser's death. */
export function describeDurability(
  { storage }: Status,
  lastWrite: Durability | 'writing' | 'none' | 'failed',
): Said {
  if (lastWrite === 'failed') return { text: 'not saved', tone: 'warn' };
  if (lastWrite === 'writing') return { text: 'saving …', tone: 'busy' };
  if (!storage.persistent) return { text: 'in memory only: nothing survives a reload', tone: 'warn' };
  if (lastWrite === 'none') {
    return {
      text: storage.origin === 'newOrEvicted' ? 'nothing stored yet' : 'stored here earlier',
      tone: 'plain',
    };
  }
  if (lastWrite === 'accepted') return { text: 'accepted, not saved yet', tone: 'busy' };
  return { text: lastWrite === 'flushed' ? 'saved, on disk' : 'saved', tone: 'good' };
}

/** What became of the limits, where they were reached; undefined where there is nothing to say. */
export function describeLimits(limits: LimitsStatus | undefined): string | undefined {
  // An owner in another tab may be of a release without limits.
  if (limits === undefined) return undefined;
  const { evicted, isNearLimit, memories, maxMemories, usedBytes, maxBytes } = limits;
  const use = `${memories} of ${maxMemories} memories, ${formatBytes(usedBytes)} of ${formatBytes(maxBytes)}`;
  if (evicted > 0) {
    const what = evicted === 1 ? 'memory was' : 'memories were';
    return `${evicted} ${what} forgotten to make room, the least valuable first (${use}).`;
  }
  return isNearLimit ? `There is hardly any room left (${use}).` : undefined;
}

/** An error's message with the line it speaks of, said once. */
export function messageWithLine({ message, details }: LociError): string {
  const line = details?.line;
  if (typeof line !== 'number' || new RegExp(`line ${line}\\b`, 'i').test(message)) return message;
  return `Line ${line}: ${message}`;
}

/** A model's id as people say it. */
export function modelName(id: string): string {
  if (/built-?in/i.test(id)) return 'built-in model';
  if (/hash/i.test(id)) return 'word hashing';
  if (/all-minilm/i.test(id)) return 'MiniLM';
  return id.split('/').at(-1) ?? id;
}

/** Bytes with a unit. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const at = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** at;
  return `${value < 10 && at > 0 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}

/** Minutes that this browser's time is ahead of UTC now. */
export function utcOffsetMinutes(): number {
  return -new Date().getTimezoneOffset();
}

/** A time as a person in this browser's language reads it. */
export function formatTime(at: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** Milliseconds with a digit where it tells something. */
export function formatMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
