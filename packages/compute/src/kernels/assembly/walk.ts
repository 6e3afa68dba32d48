import { takeChunk } from './work';

/** Rows that stay in the nearest cache while all trees pass over them; a multiple of eight. */
const chunkRows: i32 = 128;

/**
 * Adds to each row's scores what trees say of it; tree t belongs to output t mod outputs. A node is 16 bytes:
 * its threshold, its column's place in a row (where rows miss numbers, 1 more when those go right), and the
 * address of its left child, which the right one follows. A leaf leads to itself, so that eight rows walk
 * side by side, none waiting for another's memory, until none moves.
 */
export function walk(
  thread: i32,
  control: usize,
  nodes: usize,
  values: usize,
  roots: usize,
  trees: i32,
  rowsAt: usize,
  stride: usize,
  rows: i32,
  scores: usize,
  outputs: i32,
  missing: i32,
): void {
  for (;;) {
    const first = takeChunk(control, chunkRows, rows);
    if (first < 0) return;
    const last = min(first + chunkRows, rows);
    let output: i32 = 0;
    for (let tree: i32 = 0; tree < trees; tree++) {
      const root = <usize>load<u32>(roots + ((<usize>tree) << 2));
      for (let row = first; row < last; row += 8) {
        const x = rowsAt + <usize>row * stride;
        const to = scores + ((<usize>row * <usize>outputs + <usize>output) << 3);
        if (missing) walkGaps(root, x, stride, nodes, values, to, (<usize>outputs) << 3);
        else walkWhole(root, x, stride, nodes, values, to, (<usize>outputs) << 3);
      }
      output++;
      if (output == outputs) output = 0;
    }
  }
}

@inline
function nextWhole(at: usize, x: usize): usize {
  const right = load<f64>(x + <usize>load<u32>(at, 8)) > load<f64>(at);
  return <usize>load<u32>(at, 12) + ((<usize>right) << 4);
}

@inline
function nextGaps(at: usize, x: usize): usize {
  const place = <usize>load<u32>(at, 8);
  const value = load<f64>(x + (place & ~1));
  const right = <usize>(value > load<f64>(at)) | (<usize>(value != value) & place);
  return <usize>load<u32>(at, 12) + (right << 4);
}

@inline
function addValue(to: usize, value: usize): void {
  store<f64>(to, load<f64>(to) + load<f64>(value));
}

/** Of rows that miss nothing. */
function walkWhole(
  root: usize,
  x: usize,
  stride: usize,
  nodes: usize,
  values: usize,
  to: usize,
  step: usize,
): void {
  let a0 = root;
  let a1 = root;
  let a2 = root;
  let a3 = root;
  let a4 = root;
  let a5 = root;
  let a6 = root;
  let a7 = root;
  for (;;) {
    const b0 = nextWhole(a0, x);
    const b1 = nextWhole(a1, x + 1 * stride);
    const b2 = nextWhole(a2, x + 2 * stride);
    const b3 = nextWhole(a3, x + 3 * stride);
    const b4 = nextWhole(a4, x + 4 * stride);
    const b5 = nextWhole(a5, x + 5 * stride);
    const b6 = nextWhole(a6, x + 6 * stride);
    const b7 = nextWhole(a7, x + 7 * stride);
    const moved = (a0 ^ b0) | (a1 ^ b1) | (a2 ^ b2) | (a3 ^ b3);
    if (!(moved | (a4 ^ b4) | (a5 ^ b5) | (a6 ^ b6) | (a7 ^ b7))) break;
    a0 = b0;
    a1 = b1;
    a2 = b2;
    a3 = b3;
    a4 = b4;
    a5 = b5;
    a6 = b6;
    a7 = b7;
  }
  addValue(to, values + ((a0 - nodes) >> 1));
  addValue(to + 1 * step, values + ((a1 - nodes) >> 1));
  addValue(to + 2 * step, values + ((a2 - nodes) >> 1));
  addValue(to + 3 * step, values + ((a3 - nodes) >> 1));
  addValue(to + 4 * step, values + ((a4 - nodes) >> 1));
  addValue(to + 5 * step, values + ((a5 - nodes) >> 1));
  addValue(to + 6 * step, values + ((a6 - nodes) >> 1));
  addValue(to + 7 * step, values + ((a7 - nodes) >> 1));
}

function walkGaps(
  root: usize,
  x: usize,
  stride: usize,
  nodes: usize,
  values: usize,
  to: usize,
  step: usize,
): void {
  let a0 = root;
  let a1 = root;
  let a2 = root;
  let a3 = root;
  let a4 = root;
  let a5 = root;
  let a6 = root;
  let a7 = root;
  for (;;) {
    const b0 = nextGaps(a0, x);
    const b1 = nextGaps(a1, x + 1 * stride);
    const b2 = nextGaps(a2, x + 2 * stride);
    const b3 = nextGaps(a3, x + 3 * stride);
    const b4 = nextGaps(a4, x + 4 * stride);
    const b5 = nextGaps(a5, x + 5 * stride);
    const b6 = nextGaps(a6, x + 6 * stride);
    const b7 = nextGaps(a7, x + 7 * stride);
    const moved = (a0 ^ b0) | (a1 ^ b1) | (a2 ^ b2) | (a3 ^ b3);
    if (!(moved | (a4 ^ b4) | (a5 ^ b5) | (a6 ^ b6) | (a7 ^ b7))) break;
    a0 = b0;
    a1 = b1;
    a2 = b2;
    a3 = b3;
    a4 = b4;
    a5 = b5;
    a6 = b6;
    a7 = b7;
  }
  addValue(to, values + ((a0 - nodes) >> 1));
  addValue(to + 1 * step, values + ((a1 - nodes) >> 1));
  addValue(to + 2 * step, values + ((a2 - nodes) >> 1));
  addValue(to + 3 * step, values + ((a3 - nodes) >> 1));
  addValue(to + 4 * step, values + ((a4 - nodes) >> 1));
  addValue(to + 5 * step, values + ((a5 - nodes) >> 1));
  addValue(to + 6 * step, values + ((a6 - nodes) >> 1));
  addValue(to + 7 * step, values + ((a7 - nodes) >> 1));
}
