/** Memory for what lives as long as the index: a pointer that moves up, and a few extents that came back. */

const PAGE: usize = 65_536;
const ALIGNMENT: usize = 64;
const HEADROOM: usize = 524_288;
/** Extents given back and not yet used again; more than these are forgotten until the index is closed. */
const MAX_SPARES: u32 = 16;
const SPARES: usize = memory.data(128, 8);

let top: usize = 0;

/** A zeroed place for so many bytes, a cache line aligned; 0 where the memory has reached its maximum. */
export function allocate(bytes: usize): usize {
  const size = alignUp(bytes);
  const spare = takeSpare(size);
  if (spare !== 0) return spare;
  if (top === 0) top = alignUp(__heap_base);
  const end = top + size;
  if (end < top) return 0;
  const available = <usize>memory.size() * PAGE;
  if (end > available) {
    const pages = <i32>((end - available + PAGE - 1) / PAGE);
    if (memory.grow(pages) < 0) return 0;
  }
  const at = top;
  top = end;
  return at;
}

/** The same for what rows need: it leaves some memory for searches, whose filters and results grow with them. */
export function allocateForRows(bytes: usize): usize {
  const size = alignUp(bytes);
  const at = allocate(size + HEADROOM);
  if (at !== 0) release(at + size, HEADROOM);
  return at;
}

/** Gives a place back; what lay highest is free at once. */
export function release(at: usize, bytes: usize): void {
  const size = alignUp(bytes);
  memory.fill(at, 0, size);
  if (at + size === top) {
    top = at;
    return;
  }
  for (let i: u32 = 0; i < MAX_SPARES; i++) {
    const entry = SPARES + (i << 3);
    if (load<u32>(entry, 4) !== 0) continue;
    store<u32>(entry, <u32>at);
    store<u32>(entry, <u32>size, 4);
    return;
  }
}

/** Bytes in use, what the program itself needs included. */
export function usedBytes(): usize {
  return top;
}

function takeSpare(size: usize): usize {
  for (let i: u32 = 0; i < MAX_SPARES; i++) {
    const entry = SPARES + (i << 3);
    const has = <usize>load<u32>(entry, 4);
    if (has < size) continue;
    const at = <usize>load<u32>(entry);
    store<u32>(entry, <u32>(at + size));
    store<u32>(entry, <u32>(has - size), 4);
    return at;
  }
  return 0;
}

function alignUp(bytes: usize): usize {
  return (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}
