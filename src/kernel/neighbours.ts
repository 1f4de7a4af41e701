/**
 * Choosing a node's neighbours: the nearest first, and none that lies nearer to one already chosen than to
 * the node, so that links lead in all directions (Malkov and Yashunin, algorithm 4). Compared are rows of
 * 8 bits a number.
 *
 * The first links of a list are settled: in order, and none in the way of another. Two settled ones need
 * not be compared again when the list is chosen anew.
 */

import { allocate } from './arena';
import { distanceAt, put, slotAt } from './candidates';
import { dotRows } from './distance';
import { bits, maxLinks0, padded, scaleOf } from './layout';
import { lengthOf, linkAt, listOf, maxLinksAt, setLength, setLink, settledOf } from './links';
import { unpackByte } from './quantize';
import { touchBytes } from './query';

/** Marks an entry whose row was settled before. */
const SETTLED: u32 = 0x8000_0000;
const SLOT: u32 = 0x7fff_ffff;

/** Unpacked rows: of the candidates of a full list, or of the chosen ones. */
let rows: usize = 0;
let base: usize = 0;
/** A list being chosen anew: entries of distance and slot, and which unpacked row is whose. */
let entries: usize = 0;
let rowOf: usize = 0;
/** Entries of the unpacked rows that were chosen: their places and slots. */
let chosen: usize = 0;
/** What a row's product is multiplied with, the scales apart. */
let unit: f32 = 0;
/** How many entries there are, and whose links are being chosen. */
let choices: u32 = 0;
let chooser: u32 = 0;

export function allocateNeighbours(): bool {
  const most = <usize>maxChoices();
  rows = allocate(most * padded * 2);
  base = allocate(padded * 2);
  entries = allocate(most * 8);
  rowOf = allocate(most * 4);
  chosen = allocate(most * 4);
  unit = <f32>(1 << (bits - 8));
  return chosen !== 0;
}

/**
 * Gives a node its links at a level from candidates in order (entries of distance and slot), and links them
 * back to it. A neighbour whose list is full chooses anew.
 */
export function connect(slot: u32, level: u32, candidates: usize, size: u32, wanted: u32): void {
  const links = listOf(slot, level);
  setLength(links, 0, 0);
  let length: u32 = 0;
  for (let i: u32 = 0; i < size && length < wanted; i++) {
    const candidate = slotAt(candidates, i);
    if (candidate === slot) continue;
    const row = rowAt(length);
    unpackByte(candidate, row);
    const factor = -scaleOf(candidate) * unit * unit;
    const distance = distanceAt(candidates, i);
    let isInTheWay = false;
    for (let j: u32 = 0; j < length; j++) {
      if (<f32>dotRows(row, rowAt(j)) * factor * scaleOf(linkAt(links, j)) < distance) {
        isInTheWay = true;
        break;
      }
    }
    if (!isInTheWay) setLink(links, length++, candidate);
  }
  setLength(links, length, length);
  for (let i: u32 = 0; i < length; i++) linkBack(linkAt(links, i), slot, level);
}

/** Adds a link to a node's list, which chooses anew where it is full. */
function linkBack(slot: u32, to: u32, level: u32): void {
  const links = listOf(slot, level);
  const length = lengthOf(links);
  if (length < maxLinksAt(level)) {
    setLink(links, length, to);
    setLength(links, length + 1, settledOf(links));
    return;
  }
  beginChoice(slot);
  const settled = settledOf(links);
  for (let i: u32 = 0; i < length; i++) addChoice(linkAt(links, i), i < settled);
  addChoice(to, false);
  endChoice(links, maxLinksAt(level));
}

/** How many can be chosen among: a full list, and as many again that may take the places of some of it. */
export function maxChoices(): u32 {
  return 2 * maxLinks0 + 1;
}

/** Begins to choose a node's links anew among a few. */
export function beginChoice(slot: u32): void {
  choices = 0;
  chooser = slot;
}

/** Adds one that may be chosen. */
export function addChoice(slot: u32, isSettled: bool): void {
  put(entries, choices++, 0, isSettled ? slot | SETTLED : slot);
}

export function choiceCount(): u32 {
  return choices;
}

/** Whether a slot is among those that may be chosen. */
export function isChoice(slot: u32): bool {
  for (let i: u32 = 0; i < choices; i++) if ((slotAt(entries, i) & SLOT) === slot) return true;
  return false;
}

/** Chooses, and writes the links. */
function endChoice(links: usize, wanted: u32): void {
  for (let i: u32 = 0; i < choices; i++) touchBytes(slotAt(entries, i) & SLOT);
  unpackByte(chooser, base);
  const factor = -scaleOf(chooser) * unit * unit;
  for (let i: u32 = 0; i < choices; i++) {
    const entry = slotAt(entries, i);
    const row = rowAt(i);
    unpackByte(entry & SLOT, row);
    insertChoice(i, <f32>dotRows(base, row) * factor * scaleOf(entry & SLOT), entry, i);
  }
  let length: u32 = 0;
  for (let i: u32 = 0; i < choices && length < wanted; i++) {
    if (isInTheWay(i, length)) continue;
    store<u32>(chosen + (length << 2), i);
    setLink(links, length++, slotAt(entries, i) & SLOT);
  }
  setLength(links, length, length);
}

/**
 * Keeps the first `kept` choices and adds of the others, the nearest first, those that none kept or added is
 * in the way of, then the rest, up to `wanted` links. So a list that loses a link keeps those that were fine,
 * and its length: choosing all anew thins the lists out, and costs .008 of recall after two rounds of churn.
 */
export function fillChoice(links: usize, kept: u32, settled: u32, wanted: u32): void {
  for (let i: u32 = 0; i < choices; i++) touchBytes(slotAt(entries, i) & SLOT);
  unpackByte(chooser, base);
  const factor = -scaleOf(chooser) * unit * unit;
  for (let i: u32 = 0; i < choices; i++) {
    const slot = slotAt(entries, i) & SLOT;
    unpackByte(slot, rowAt(i));
    if (i < kept) {
      put(entries, i, -Infinity, slot);
      store<u32>(rowOf + (i << 2), i);
    } else {
      insertChoice(i, <f32>dotRows(base, rowAt(i)) * factor * scaleOf(slot), slot, i);
    }
  }
  let length: u32 = 0;
  for (let i: u32 = 0; i < choices && length < wanted; i++) {
    if (i >= kept && isInTheWay(i, length)) continue;
    store<u32>(chosen + (length << 2), i);
    setLink(links, length++, slotAt(entries, i));
  }
  for (let i = kept; i < choices && length < wanted; i++) {
    const slot = slotAt(entries, i);
    if (!isLink(links, length, slot)) setLink(links, length++, slot);
  }
  setLength(links, length, settled);
}

function isLink(links: usize, length: u32, slot: u32): bool {
  for (let i: u32 = 0; i < length; i++) if (linkAt(links, i) === slot) return true;
  return false;
}

/** Puts entry `size` in order among those before it, with its unpacked row. */
function insertChoice(size: u32, distance: f32, entry: u32, row: u32): void {
  let at = size;
  while (at !== 0 && distanceAt(entries, at - 1) > distance) {
    store<u64>(entries + (at << 3), load<u64>(entries + ((at - 1) << 3)));
    store<u32>(rowOf + (at << 2), load<u32>(rowOf + ((at - 1) << 2)));
    at--;
  }
  put(entries, at, distance, entry);
  store<u32>(rowOf + (at << 2), row);
}

/** Whether one of the chosen lies nearer to a choice than the node does. */
function isInTheWay(index: u32, length: u32): bool {
  const entry = slotAt(entries, index);
  const distance = distanceAt(entries, index);
  const row = rowAt(load<u32>(rowOf + (index << 2)));
  const factor = -scaleOf(entry & SLOT) * unit * unit;
  for (let j: u32 = 0; j < length; j++) {
    const at = load<u32>(chosen + (j << 2));
    const other = slotAt(entries, at);
    if (other & entry & SETTLED) continue;
    const between = <f32>dotRows(row, rowAt(load<u32>(rowOf + (at << 2)))) * factor * scaleOf(other & SLOT);
    if (between < distance) return true;
  }
  return false;
}

function rowAt(index: u32): usize {
  return rows + index * (padded << 1);
}
