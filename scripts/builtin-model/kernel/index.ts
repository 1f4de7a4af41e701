/** The trainer's arithmetic in AssemblyScript: sums of rows, products of matrices, Adam. Addresses come from the host. */

/** out[b] = Σ weight · table[id]; the length goes to `norms`, out is brought to unit length. */
export function forward(
  table: usize,
  dimensions: i32,
  starts: usize,
  ids: usize,
  weights: usize,
  out: usize,
  norms: usize,
  count: i32,
): void {
  const rowBytes = (<usize>dimensions) << 2;
  for (let b = 0; b < count; b++) {
    const row = out + <usize>b * rowBytes;
    memory.fill(row, 0, rowBytes);
    const end = load<i32>(starts + ((<usize>(b + 1)) << 2));
    for (let i = load<i32>(starts + ((<usize>b) << 2)); i < end; i++) {
      const from = table + <usize>load<i32>(ids + ((<usize>i) << 2)) * rowBytes;
      const weight = f32x4.splat(load<f32>(weights + ((<usize>i) << 2)));
      for (let d: usize = 0; d < rowBytes; d += 16)
        v128.store(row + d, f32x4.add(v128.load(row + d), f32x4.mul(weight, v128.load(from + d))));
    }
    const norm = sqrt<f32>(dot(row, row, rowBytes)) + <f32>1e-6;
    store<f32>(norms + ((<usize>b) << 2), norm);
    const scale = f32x4.splat(<f32>1 / norm);
    for (let d: usize = 0; d < rowBytes; d += 16) v128.store(row + d, f32x4.mul(scale, v128.load(row + d)));
  }
}

function sum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

function dot(a: usize, b: usize, bytes: usize): f32 {
  let total = f32x4.splat(0);
  for (let d: usize = 0; d < bytes; d += 16)
    total = f32x4.add(total, f32x4.mul(v128.load(a + d), v128.load(b + d)));
  return sum(total);
}

/** out[i][j] = a[i] · b[j]; `count` is a multiple of four. */
export function products(a: usize, b: usize, dimensions: i32, out: usize, count: i32): void {
  const rowBytes = (<usize>dimensions) << 2;
  for (let i = 0; i < count; i++) {
    const x = a + <usize>i * rowBytes;
    for (let j = 0; j < count; j += 4) {
      const y = b + <usize>j * rowBytes;
      let s0 = f32x4.splat(0);
      let s1 = f32x4.splat(0);
      let s2 = f32x4.splat(0);
      let s3 = f32x4.splat(0);
      for (let d: usize = 0; d < rowBytes; d += 16) {
        const v = v128.load(x + d);
        const at = y + d;
        s0 = f32x4.add(s0, f32x4.mul(v, v128.load(at)));
        s1 = f32x4.add(s1, f32x4.mul(v, v128.load(at + rowBytes)));
        s2 = f32x4.add(s2, f32x4.mul(v, v128.load(at + 2 * rowBytes)));
        s3 = f32x4.add(s3, f32x4.mul(v, v128.load(at + 3 * rowBytes)));
      }
      const to = out + ((<usize>i * <usize>count + <usize>j) << 2);
      store<f32>(to, sum(s0));
      store<f32>(to, sum(s1), 4);
      store<f32>(to, sum(s2), 8);
      store<f32>(to, sum(s3), 12);
    }
  }
}

/** gradient[i] += Σ factors[i][j] · rows[j]; `dimensions` is a multiple of 32. */
export function addProducts(factors: usize, rows: usize, dimensions: i32, gradient: usize, count: i32): void {
  const rowBytes = (<usize>dimensions) << 2;
  for (let i = 0; i < count; i++) {
    const f = factors + ((<usize>i * <usize>count) << 2);
    for (let d: usize = 0; d < rowBytes; d += 128) {
      const to = gradient + <usize>i * rowBytes + d;
      let g0 = v128.load(to);
      let g1 = v128.load(to, 16);
      let g2 = v128.load(to, 32);
      let g3 = v128.load(to, 48);
      let g4 = v128.load(to, 64);
      let g5 = v128.load(to, 80);
      let g6 = v128.load(to, 96);
      let g7 = v128.load(to, 112);
      let from = rows + d;
      for (let j = 0; j < count; j++) {
        const w = v128.load32_splat(f + ((<usize>j) << 2));
        g0 = f32x4.add(g0, f32x4.mul(w, v128.load(from)));
        g1 = f32x4.add(g1, f32x4.mul(w, v128.load(from, 16)));
        g2 = f32x4.add(g2, f32x4.mul(w, v128.load(from, 32)));
        g3 = f32x4.add(g3, f32x4.mul(w, v128.load(from, 48)));
        g4 = f32x4.add(g4, f32x4.mul(w, v128.load(from, 64)));
        g5 = f32x4.add(g5, f32x4.mul(w, v128.load(from, 80)));
        g6 = f32x4.add(g6, f32x4.mul(w, v128.load(from, 96)));
        g7 = f32x4.add(g7, f32x4.mul(w, v128.load(from, 112)));
        from += rowBytes;
      }
      v128.store(to, g0);
      v128.store(to, g1, 16);
      v128.store(to, g2, 32);
      v128.store(to, g3, 48);
      v128.store(to, g4, 64);
      v128.store(to, g5, 80);
      v128.store(to, g6, 96);
      v128.store(to, g7, 112);
    }
  }
}

/**
 * Carries the gradient by the unit vectors back to the rows of the table, and says which rows have one.
 * `marks` holds the step at which a row was last touched; `touched` gets the rows, and their number is the answer.
 */
export function backward(
  gradient: usize,
  units: usize,
  norms: usize,
  dimensions: i32,
  starts: usize,
  ids: usize,
  weights: usize,
  rowGradients: usize,
  marks: usize,
  touched: usize,
  step: i32,
  count: i32,
): i32 {
  const rowBytes = (<usize>dimensions) << 2;
  let touchedCount = 0;
  for (let b = 0; b < count; b++) {
    const g = gradient + <usize>b * rowBytes;
    const z = units + <usize>b * rowBytes;
    const along = f32x4.splat(dot(g, z, rowBytes));
    const scale = f32x4.splat(<f32>1 / load<f32>(norms + ((<usize>b) << 2)));
    for (let d: usize = 0; d < rowBytes; d += 16) {
      const across = f32x4.sub(v128.load(g + d), f32x4.mul(along, v128.load(z + d)));
      v128.store(g + d, f32x4.mul(scale, across));
    }
    const end = load<i32>(starts + ((<usize>(b + 1)) << 2));
    for (let i = load<i32>(starts + ((<usize>b) << 2)); i < end; i++) {
      const id = load<i32>(ids + ((<usize>i) << 2));
      const to = rowGradients + <usize>id * rowBytes;
      if (load<i32>(marks + ((<usize>id) << 2)) !== step) {
        store<i32>(marks + ((<usize>id) << 2), step);
        store<i32>(touched + ((<usize>touchedCount) << 2), id);
        touchedCount++;
        memory.fill(to, 0, rowBytes);
      }
      const weight = f32x4.splat(load<f32>(weights + ((<usize>i) << 2)));
      for (let d: usize = 0; d < rowBytes; d += 16)
        v128.store(to + d, f32x4.add(v128.load(to + d), f32x4.mul(weight, v128.load(g + d))));
    }
  }
  return touchedCount;
}

/** One step of Adam on the touched rows; `rate` has the correction of the first steps in it. */
export function adam(
  table: usize,
  first: usize,
  second: usize,
  rowGradients: usize,
  dimensions: i32,
  touched: usize,
  touchedCount: i32,
  rate: f32,
  epsilon: f32,
): void {
  const rowBytes = (<usize>dimensions) << 2;
  const b1: f32 = 0.9;
  const b2: f32 = 0.999;
  const keep1 = f32x4.splat(b1);
  const keep2 = f32x4.splat(b2);
  const take1 = f32x4.splat(<f32>1 - b1);
  const take2 = f32x4.splat(<f32>1 - b2);
  const rates = f32x4.splat(rate);
  const least = f32x4.splat(epsilon);
  for (let t = 0; t < touchedCount; t++) {
    const row = <usize>load<i32>(touched + ((<usize>t) << 2)) * rowBytes;
    for (let d: usize = row; d < row + rowBytes; d += 16) {
      const g = v128.load(rowGradients + d);
      const m = f32x4.add(f32x4.mul(keep1, v128.load(first + d)), f32x4.mul(take1, g));
      const v = f32x4.add(f32x4.mul(keep2, v128.load(second + d)), f32x4.mul(take2, f32x4.mul(g, g)));
      v128.store(first + d, m);
      v128.store(second + d, v);
      const change = f32x4.div(f32x4.mul(rates, m), f32x4.add(f32x4.sqrt(v), least));
      v128.store(table + d, f32x4.sub(v128.load(table + d), change));
    }
  }
}

/**
 * Writes rows as they will be stored: every number the nearest of `count` levels times the row's root mean square.
 * `steps` holds the least level, then for each further one the threshold before it and its distance to the one before.
 */
export function quantize(
  table: usize,
  out: usize,
  dimensions: i32,
  rows: usize,
  rowCount: i32,
  steps: usize,
  count: i32,
): void {
  const rowBytes = (<usize>dimensions) << 2;
  for (let r = 0; r < rowCount; r++) {
    const row = <usize>load<i32>(rows + ((<usize>r) << 2)) * rowBytes;
    const from = table + row;
    const scale = sqrt<f32>(dot(from, from, rowBytes) / <f32>dimensions);
    const least = f32x4.splat(scale * load<f32>(steps));
    for (let d: usize = 0; d < rowBytes; d += 16) {
      const value = v128.load(from + d);
      let level = least;
      for (let i = 1; i < count; i++) {
        const step = steps + ((<usize>i) << 3) - 4;
        const above = f32x4.gt(value, f32x4.splat(scale * load<f32>(step)));
        level = f32x4.add(level, v128.and(above, f32x4.splat(scale * load<f32>(step, 4))));
      }
      v128.store(out + row + d, level);
    }
  }
}
