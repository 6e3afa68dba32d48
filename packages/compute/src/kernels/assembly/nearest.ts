import { takeChunk } from './work';

/** Queries that stay in the second-level cache while all rows pass. */
const blockQueries: i32 = 64;
/** Rows whose distances are held before the nearest are picked. */
const blockRows: i32 = 128;

/**
 * The k rows (packed in panels of eight) nearest to each query by squared Euclidean distance, or when
 * `product` is not 0 by inner product, whose distance is its negative. Nearest first, equal distances by row;
 * places that stay empty hold -1. Queries are padded to a multiple of 4.
 */
export function nearest(
  thread: i32,
  control: usize,
  queries: usize,
  count: i32,
  depth: i32,
  panels: usize,
  rows: i32,
  product: i32,
  k: i32,
  outRows: usize,
  outDistances: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const stride = (<usize>depth) << 2;
  const distances = scratch + (<usize>thread) * scratchBytes;
  const line = (<usize>blockRows) << 2;
  for (;;) {
    const first = takeChunk(control, blockQueries, count);
    if (first < 0) return;
    const last = min(first + blockQueries, count);
    clear(first, last, k, outRows, outDistances);
    for (let row: i32 = 0; row < rows; row += blockRows) {
      const width = min(blockRows, rows - row);
      for (let item: i32 = 0; item < width; item += 8) {
        const panel = panels + (<usize>(row + item)) * stride;
        for (let query = first; query < last; query += 4) {
          const a = queries + (<usize>query) * stride;
          const c = distances + (<usize>(query - first)) * line + ((<usize>item) << 2);
          if (product) distanceTile<bool>(a, stride, panel, c, line);
          else distanceTile<f32>(a, stride, panel, c, line);
        }
      }
      for (let query = first; query < last; query++) {
        const found = distances + (<usize>(query - first)) * line;
        const out = (<usize>(query * k)) << 2;
        pick(found, row, width, k, outRows + out, outDistances + out);
      }
    }
  }
}

function clear(first: i32, last: i32, k: i32, outRows: usize, outDistances: usize): void {
  for (let i = (<usize>(first * k)) << 2, end = (<usize>(last * k)) << 2; i < end; i += 4) {
    store<i32>(outRows + i, -1);
    store<f32>(outDistances + i, <f32>Infinity);
  }
}

/** Adds what one number of a query and of eight rows contribute. */
// @ts-ignore: decorator
@inline
function add(sum: v128, a: v128, b: v128, product: bool): v128 {
  if (product) return f32x4.sub(sum, f32x4.mul(a, b));
  const off = f32x4.sub(a, b);
  return f32x4.add(sum, f32x4.mul(off, off));
}

/** Distances of four queries to the eight rows of a panel, in the order of depth. Product: bool or f32. */
function distanceTile<Product>(
  query: usize,
  stride: usize,
  panel: usize,
  out: usize,
  line: usize,
): void {
  const product = isBoolean<Product>();
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  const second = query + stride;
  const third = second + stride;
  const fourth = third + stride;
  for (let i: usize = 0; i < stride; i += 4) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    let a = v128.load_splat<f32>(query + i);
    s00 = add(s00, a, b0, product);
    s01 = add(s01, a, b1, product);
    a = v128.load_splat<f32>(second + i);
    s10 = add(s10, a, b0, product);
    s11 = add(s11, a, b1, product);
    a = v128.load_splat<f32>(third + i);
    s20 = add(s20, a, b0, product);
    s21 = add(s21, a, b1, product);
    a = v128.load_splat<f32>(fourth + i);
    s30 = add(s30, a, b0, product);
    s31 = add(s31, a, b1, product);
    panel += 32;
  }
  v128.store(out, s00);
  v128.store(out, s01, 16);
  v128.store(out + line, s10);
  v128.store(out + line, s11, 16);
  v128.store(out + 2 * line, s20);
  v128.store(out + 2 * line, s21, 16);
  v128.store(out + 3 * line, s30);
  v128.store(out + 3 * line, s31, 16);
}

function pick(
  distances: usize,
  row: i32,
  width: i32,
  k: i32,
  outRows: usize,
  outDistances: usize,
): void {
  const worst = outDistances + ((<usize>(k - 1)) << 2);
  let limit = v128.load_splat<f32>(worst);
  for (let i: i32 = 0; i < width; i += 4) {
    const at = distances + ((<usize>i) << 2);
    if (!v128.any_true(f32x4.lt(v128.load(at), limit))) continue;
    for (let lane: i32 = 0; lane < 4 && i + lane < width; lane++) {
      const distance = load<f32>(at + ((<usize>lane) << 2));
      if (distance < load<f32>(worst)) put(distance, row + i + lane, k, outRows, outDistances);
    }
    limit = v128.load_splat<f32>(worst);
  }
}

/** Rows come in ascending order, so an equal distance stays behind those already there. */
function put(distance: f32, row: i32, k: i32, outRows: usize, outDistances: usize): void {
  let at = (<usize>(k - 1)) << 2;
  while (at > 0 && load<f32>(outDistances + at - 4) > distance) {
    store<f32>(outDistances + at, load<f32>(outDistances + at - 4));
    store<i32>(outRows + at, load<i32>(outRows + at - 4));
    at -= 4;
  }
  store<f32>(outDistances + at, distance);
  store<i32>(outRows + at, row);
}
