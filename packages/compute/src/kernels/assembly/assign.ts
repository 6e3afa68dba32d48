import { tile } from './tile';
import { takeChunk } from './work';

/** Rows whose bounds are looked at before those that fail are measured together. */
const blockRows: i32 = 256;

/**
 * One round of Lloyd's for rows (rows x columns, room for one number more) and centres packed in panels of
 * eight with an even depth. A row keeps its label without being measured while its bounds allow no other
 * (Hamerly 2010): `upper` on the distance to its own centre, `lower` to any other. Both are widened by
 * how far the centres moved (`moves`: for each centre its own move, the largest move of any other, and
 * half the distance to the nearest other). `slack` x (squared lengths) bounds the error of a squared
 * distance in floats. Each segment of rows keeps the weighted sums of its rows by label in doubles, a row
 * of `columns` + 1 for each centre, the last their weight; rows that change their label move over.
 */
export function assign(
  thread: i32,
  control: usize,
  x: usize,
  rows: i32,
  columns: i32,
  squares: usize,
  weights: usize,
  panels: usize,
  halves: usize,
  centres: i32,
  moves: usize,
  slack: f32,
  largest: f32,
  labels: usize,
  upper: usize,
  lower: usize,
  segments: i32,
  segmentRows: i32,
  sums: usize,
  changes: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const width = (<usize>((columns + 1) * centres)) << 3;
  const own = scratch + (<usize>thread) * (<usize>scratchBytes);
  const scores = own + ((<usize>blockRows) << 2);
  for (;;) {
    const segment = takeChunk(control, 1, segments);
    if (segment < 0) return;
    const end = min(rows, (segment + 1) * segmentRows);
    const out = sums + (<usize>segment) * width;
    let changed: i32 = 0;
    for (let first: i32 = segment * segmentRows; first < end; first += blockRows) {
      const count = findOpen(first, min(end, first + blockRows), moves, labels, upper, lower, own);
      for (let at: i32 = 0; at < count; at += 4) {
        measure(own, at, count, x, columns, panels, centres, scores);
        const group = min(4, count - at);
        const line = (<usize>((centres + 7) & ~7)) << 2;
        for (let lane: i32 = 0; lane < group; lane++) {
          const row = load<i32>(own + ((<usize>(at + lane)) << 2));
          const label = choose(scores + (<usize>lane) * line, halves, centres);
          const place = (<usize>row) << 2;
          const square = load<f32>(squares + place);
          const error = slack * (square + largest);
          store<f32>(upper + place, sqrt(max<f32>(0, square - 2 * best + error)) * grow);
          store<f32>(lower + place, sqrt(max<f32>(0, square - 2 * second - error)) * shrink);
          const before = load<i32>(labels + place);
          if (before == label) continue;
          changed++;
          store<i32>(labels + place, label);
          const weight: f64 = weights ? load<f64>(weights + (place << 1)) : 1;
          const from = x + (<usize>row) * ((<usize>columns) << 2);
          const step = (<usize>(columns + 1)) << 3;
          if (before >= 0) addRow(out + (<usize>before) * step, from, columns, -weight);
          addRow(out + (<usize>label) * step, from, columns, weight);
        }
      }
    }
    store<i32>(changes + ((<usize>segment) << 2), changed);
  }
}

/** Roundings of the bounds' own arithmetic, outwards. */
const grow: f32 = 1.0000005;
const shrink: f32 = 0.9999995;

/** Lists the rows that may have a nearer centre than their own; a label below 0 is none yet. */
function findOpen(
  first: i32,
  last: i32,
  moves: usize,
  labels: usize,
  upper: usize,
  lower: usize,
  out: usize,
): i32 {
  let count: i32 = 0;
  for (let row: i32 = first; row < last; row++) {
    const place = (<usize>row) << 2;
    const label = load<i32>(labels + place);
    let open: bool = true;
    if (label >= 0) {
      const at = moves + (<usize>label) * 12;
      const far = (load<f32>(upper + place) + load<f32>(at)) * grow;
      const near = (load<f32>(lower + place) - load<f32>(at, 4)) * shrink;
      store<f32>(upper + place, far);
      store<f32>(lower + place, near);
      open = far >= max(near, load<f32>(at, 8));
    }
    store<i32>(out + ((<usize>count) << 2), row);
    count += <i32>open;
  }
  return count;
}

/** Inner products of up to four listed rows with all centres; a missing row repeats the last. */
function measure(
  list: usize,
  at: i32,
  count: i32,
  x: usize,
  columns: i32,
  panels: usize,
  centres: i32,
  scores: usize,
): void {
  const stride = (<usize>columns) << 2;
  const last = count - 1;
  const a0 = x + (<usize>load<i32>(list + ((<usize>at) << 2))) * stride;
  const a1 = x + (<usize>load<i32>(list + ((<usize>min(at + 1, last)) << 2))) * stride;
  const a2 = x + (<usize>load<i32>(list + ((<usize>min(at + 2, last)) << 2))) * stride;
  const a3 = x + (<usize>load<i32>(list + ((<usize>min(at + 3, last)) << 2))) * stride;
  // An odd row's last pair reads the first number of the next row, times a zero of the panel.
  const depth = (columns + 1) & ~1;
  const line = (<usize>((centres + 7) & ~7)) << 2;
  for (let centre: i32 = 0; centre < centres; centre += 8) {
    const c = scores + ((<usize>centre) << 2);
    const panel = panels + ((<usize>(centre * depth)) << 2);
    tile(a0, a1, a2, a3, panel, depth, c, c + line, c + 2 * line, c + 3 * line);
  }
}

let best: f32 = 0;
let second: f32 = 0;

/** The centre of the largest x c - c c / 2, the lower of equals; leaves the two largest aside. */
function choose(scores: usize, halves: usize, centres: i32): i32 {
  let most = f32x4.splat(-Infinity);
  let next = f32x4.splat(-Infinity);
  let index = i32x4.splat(0);
  let current = i32x4(0, 1, 2, 3);
  for (let at: usize = 0, end = (<usize>((centres + 7) & ~7)) << 2; at < end; at += 16) {
    const value = f32x4.sub(v128.load(scores + at), v128.load(halves + at));
    next = f32x4.pmax(next, f32x4.pmin(value, most));
    index = v128.bitselect(current, index, f32x4.gt(value, most));
    most = f32x4.pmax(most, value);
    current = i32x4.add(current, i32x4.splat(4));
  }
  best = -Infinity;
  second = -Infinity;
  let found: i32 = 0;
  merge(f32x4.extract_lane(most, 0), i32x4.extract_lane(index, 0), found);
  found = i32x4.extract_lane(index, 0);
  found = merge(f32x4.extract_lane(most, 1), i32x4.extract_lane(index, 1), found);
  found = merge(f32x4.extract_lane(most, 2), i32x4.extract_lane(index, 2), found);
  found = merge(f32x4.extract_lane(most, 3), i32x4.extract_lane(index, 3), found);
  second = max(second, f32x4.extract_lane(next, 0));
  second = max(second, f32x4.extract_lane(next, 1));
  second = max(second, f32x4.extract_lane(next, 2));
  second = max(second, f32x4.extract_lane(next, 3));
  return found;
}

// @ts-ignore: decorator
@inline
function merge(value: f32, index: i32, found: i32): i32 {
  if (value > best || (value == best && index < found)) {
    second = best;
    best = value;
    return index;
  }
  second = max(second, value);
  return found;
}

function addRow(out: usize, row: usize, columns: i32, weight: f64): void {
  const scale = f64x2.splat(weight);
  let k: i32 = 0;
  for (; k + 2 <= columns; k += 2, row += 8, out += 16) {
    const value = f64x2.promote_low_f32x4(v128.load64_zero(row));
    v128.store(out, f64x2.add(v128.load(out), f64x2.mul(scale, value)));
  }
  if (k < columns) {
    store<f64>(out, load<f64>(out) + weight * <f64>load<f32>(row));
    out += 8;
  }
  store<f64>(out, load<f64>(out) + weight);
}
