/** Which segments are written anew: those with removed documents, and small ones in groups of about one size. */

import { SEGMENT_MAX_BYTES, SEGMENT_MERGE_COUNT } from '../limits.ts';
import { mergeSegments } from './merge.ts';
import type { Segment } from './segment.ts';

/** A segment this long is left as it is. */
const FULL_BYTES = SEGMENT_MAX_BYTES / 2;
/** What a merge may come to, reckoned beforehand: a term's first posting may take a byte more than it did. */
const MERGED_BYTES = 0.9 * SEGMENT_MAX_BYTES;
/** Segments up to this length are of one size; the next size is so many times longer as are merged at once. */
const SMALLEST_BYTES = SEGMENT_MAX_BYTES / 16;

/** Merges small segments; those that it leaves alone are themselves. */
export function mergeSmall(segments: readonly Segment[]): readonly Segment[] {
  let kept = segments.filter(({ size }) => size > 0);
  for (;;) {
    const group = chooseGroup(kept);
    if (group.length === 0) return kept;
    const merged = mergeSegments(group);
    kept = [...kept.filter((segment) => !group.includes(segment)), ...merged];
    // Reckoned wrong: what does not get fewer is left for another time.
    if (merged.length >= group.length) return kept;
  }
}

/** Writes those anew that hold removed documents. */
export function purge(segments: readonly Segment[]): readonly Segment[] {
  return segments.flatMap((segment) =>
    segment.size < segment.documents ? mergeSegments([segment]) : [segment],
  );
}

/** The segments to merge next: of one size enough, or as long together as a full one. */
function chooseGroup(segments: readonly Segment[]): readonly Segment[] {
  const sizes = new Map<number, Segment[]>();
  for (const segment of segments) {
    if (segment.liveBytes >= FULL_BYTES) continue;
    const size = sizeClass(segment.liveBytes);
    sizes.set(size, [...(sizes.get(size) ?? []), segment]);
  }
  for (const candidates of sizes.values()) {
    const group = fitting(candidates);
    const bytes = group.reduce((sum, { liveBytes }) => sum + liveBytes, 0);
    if (group.length > 1 && (group.length >= SEGMENT_MERGE_COUNT || bytes >= FULL_BYTES)) return group;
  }
  return [];
}

function sizeClass(bytes: number): number {
  return Math.max(0, Math.ceil(Math.log(bytes / SMALLEST_BYTES) / Math.log(SEGMENT_MERGE_COUNT)));
}

/** As many as make no more than one segment, the oldest ordinals first: neighbours stay together. */
function fitting(candidates: readonly Segment[]): readonly Segment[] {
  const group: Segment[] = [];
  let bytes = 0;
  for (const segment of candidates.toSorted(
    (a, b) => (a.ordinals[0] as number) - (b.ordinals[0] as number),
  )) {
    if (bytes + segment.liveBytes > MERGED_BYTES) continue;
    bytes += segment.liveBytes;
    group.push(segment);
  }
  return group;
}
