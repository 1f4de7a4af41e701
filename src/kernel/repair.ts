/**
 * Taking dead rows out of the graph. A removed row is not found any more, but walks still pass through it,
 * so nothing is cut off. When enough have died, a sweep goes over all lists, a few with every removal: a node
 * that had links to the dying chooses anew among those it keeps and the links of the dying (Singh et al.,
 * "FreshDiskANN: a fast and accurate graph-based ANN index for streaming similarity search", algorithm 4).
 * Only when no list names them are their slots free.
 */

import { countLinked, linkAtLevel, linkedCount, setHasDead } from './insert';
import { freeLists, lengthOf, levelOf, linkAt, listOf, settledOf } from './links';
import { addChoice, beginChoice, choiceCount, fillChoice, isChoice, maxChoices } from './neighbours';
import { prepareRow } from './query';
import { alive, bitBytes, clearBit, dying, freeSlot, hasBit, highWater, linked, NONE } from './slots';
import { descend, entryPoint, Nibbles, setEntry, topLevel } from './walk';

/** A sweep begins when one node in so many is dead, */
const DEAD_SHARE: u32 = 64;
/** and no fewer than this. */
const MIN_DEAD: u32 = 32;
/** Nearest links of a dying node that are offered in its place. */
const OFFERED: u32 = 24;

/** Dead nodes in the graph. */
export let dead: u32 = 0;
let isSweeping: bool = false;
let cursor: u32 = 0;

export function resetRepair(): void {
  dead = 0;
  isSweeping = false;
  setHasDead(false);
}

/** A node of the graph has died. */
export function noteDead(): void {
  dead++;
  setHasDead(true);
  if (dead === linkedCount) {
    // Nothing could be linked to what is left: the next row begins a new graph.
    sweepAll();
    return;
  }
  const limit = max<u32>(linkedCount / DEAD_SHARE, MIN_DEAD);
  if (!isSweeping && dead >= limit) beginSweep();
  sweep(highWater / limit + 1);
}

/** Whether a sweep is going on. */
export function isRepairing(): bool {
  return isSweeping;
}

/** Takes every dead node out. */
export function sweepAll(): void {
  sweep(highWater);
  if (dead === 0) return;
  beginSweep();
  sweep(highWater);
}

/** Looks at the lists of so many slots. */
export function sweep(slots: u32): void {
  if (!isSweeping) return;
  const end = min<u32>(cursor + slots, highWater);
  for (; cursor < end; cursor++) {
    if (!hasBit(linked, cursor)) continue;
    const top = levelOf(cursor);
    for (let level: u32 = 0; level <= top; level++) if (leadsToDying(cursor, level)) repair(cursor, level);
  }
  if (cursor >= highWater) endSweep();
}

function beginSweep(): void {
  const bytes = bitBytes();
  for (let at: u32 = 0; at < bytes; at += 8)
    store<u64>(dying + at, load<u64>(linked + at) & ~load<u64>(alive + at));
  if (hasBit(dying, entryPoint)) chooseEntry();
  isSweeping = true;
  cursor = 0;
}

/** Nothing leads to the dying any more. */
function endSweep(): void {
  isSweeping = false;
  for (let slot: u32 = 0; slot < highWater; slot++) {
    if (!hasBit(dying, slot)) continue;
    freeLists(slot);
    clearBit(linked, slot);
    clearBit(dying, slot);
    freeSlot(slot);
    countLinked(-1);
    dead--;
  }
  setHasDead(dead !== 0);
  if (linkedCount === 0) setEntry(NONE, 0);
}

/** The highest node that is not dying becomes the entry point. */
function chooseEntry(): void {
  let best: u32 = NONE;
  let level: u32 = 0;
  for (let slot: u32 = 0; slot < highWater; slot++) {
    if (!hasBit(linked, slot) || hasBit(dying, slot)) continue;
    if (best !== NONE && levelOf(slot) <= level) continue;
    best = slot;
    level = levelOf(slot);
  }
  if (best !== NONE) setEntry(best, level);
}

function leadsToDying(slot: u32, level: u32): bool {
  const links = listOf(slot, level);
  const length = lengthOf(links);
  for (let i: u32 = 0; i < length; i++) if (hasBit(dying, linkAt(links, i))) return true;
  return false;
}

/** Gives a node other links in place of those to dying ones. */
function repair(slot: u32, level: u32): void {
  const links = listOf(slot, level);
  const length = lengthOf(links);
  const settled = settledOf(links);
  let stillSettled: u32 = 0;
  beginChoice(slot);
  for (let i: u32 = 0; i < length; i++) {
    const link = linkAt(links, i);
    if (hasBit(dying, link)) continue;
    addChoice(link, false);
    if (i < settled) stillSettled++;
  }
  const kept = choiceCount();
  for (let i: u32 = 0; i < length; i++) {
    const link = linkAt(links, i);
    if (hasBit(dying, link)) offerLinks(slot, link, level);
  }
  if (choiceCount() !== 0) {
    fillChoice(links, kept, stillSettled, length);
    return;
  }
  // All that it led to is gone: it is found new neighbours, and they lead to it.
  if (hasBit(dying, slot) || level > topLevel) return;
  prepareRow(slot);
  linkAtLevel<Nibbles>(slot, descend<Nibbles>(level), level);
}

function offerLinks(slot: u32, gone: u32, level: u32): void {
  const links = listOf(gone, level);
  const length = min<u32>(lengthOf(links), OFFERED);
  for (let i: u32 = 0; i < length && choiceCount() < maxChoices(); i++) {
    const link = linkAt(links, i);
    if (link !== slot && hasBit(alive, link) && !isChoice(link)) addChoice(link, false);
  }
}
