import { Column, columnAt, TreePlan } from './tree-plan';

/** Bytes between the packed bins of two columns: 33 cache lines, so that few bins share a cache set. */
export const packedStride: usize = 2112;
export const batchRows: i32 = 256;
/** So many rows of 18-bit numbers do not overflow 32 bits; a multiple of the batch. */
const flushRows: i32 = 7936;

/**
 * Adds rows of the index to the thread's packed sums. A bin is one 64-bit word, gradient above hessian, so
 * that one addition serves both; the numbers are whole, so that their order does not matter. Rows are
 * gathered first: the loads of a batch wait for memory together instead of one after another.
 * Returns the rows added since the last flush.
 */
export function addRows(
  plan: TreePlan,
  index: usize,
  count: i32,
  thread: i32,
  pending: i32,
): i32 {
  const packed = plan.packed + thread * plan.packedBytes;
  const gathered = plan.gathered + thread * plan.gatheredBytes;
  for (let from: i32 = 0; from < count; from += batchRows) {
    const rows = min(batchRows, count - from);
    if (pending + rows > flushRows) {
      flush(plan, thread);
      pending = 0;
    }
    gather(plan, index + ((<usize>from) << 2), rows, gathered, 0, plan.stride);
    addBatch(gathered, gathered + batchRows * 8, rows, plan.stride, plan.columns, packed);
    pending += rows;
  }
  return pending;
}

/**
 * Adds few rows, the columns shared out among the threads: each adds its own of all rows to the first thread's
 * doubles, which costs no sums to be joined.
 */
export function addColumns(plan: TreePlan, index: usize, count: i32, thread: i32): void {
  const groups = (plan.columns + 7) / 8;
  const first = ((groups * thread) / plan.threads) * 8;
  const last = min(plan.columns, ((groups * (thread + 1)) / plan.threads) * 8);
  if (first >= last) return;
  const begin = (<usize>columnAt(plan, first).start) << 4;
  const lastColumn: Column = columnAt(plan, last - 1);
  const end = (<usize>(lastColumn.start + lastColumn.bins)) << 4;
  memory.fill(plan.sums + begin, 0, end - begin);
  const packed = plan.packed + thread * plan.packedBytes;
  const gathered = plan.gathered + thread * plan.gatheredBytes;
  const bytes = (last == plan.columns ? plan.stride : last) - first;
  for (let from: i32 = 0; from < count; from += batchRows) {
    const rows = min(batchRows, count - from);
    gather(plan, index + ((<usize>from) << 2), rows, gathered, first, bytes);
    const bins = gathered + batchRows * 8;
    addBatch(gathered, bins, rows, bytes, last - first, packed + first * packedStride);
  }
  flushColumns(plan, packed, plan.sums, first, last);
}

/** The gradients of rows, and so many bytes of their bins from a place on. */
function gather(
  plan: TreePlan,
  index: usize,
  rows: i32,
  gathered: usize,
  begin: usize,
  bytes: usize,
): void {
  const stride = <usize>plan.stride;
  const gradients = plan.gradients;
  const binRows = plan.binRows + begin;
  let to = gathered + batchRows * 8;
  for (let i: i32 = 0; i < rows; i++) {
    const row = load<u32>(index + ((<usize>i) << 2));
    store<u64>(gathered + ((<usize>i) << 3), load<u64>(gradients + ((<usize>row) << 3)));
    const from = binRows + <usize>row * stride;
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at));
    for (; at < bytes; at += 4) store<u32>(to + at, load<u32>(from + at));
    to += bytes;
  }
}

function addBatch(
  gradients: usize,
  bins: usize,
  rows: i32,
  stride: usize,
  columns: i32,
  packed: usize,
): void {
  let column: i32 = 0;
  for (; column + 8 <= columns; column += 8) {
    addEight(gradients, bins + column, rows, stride, packed + column * packedStride);
  }
  if (column + 4 <= columns) {
    addFour(gradients, bins + column, rows, stride, packed + column * packedStride);
    column += 4;
  }
  for (; column < columns; column++) {
    addOne(gradients, bins + column, rows, stride, packed + column * packedStride);
  }
}

@inline
function add(at: usize, gradient: u64): void {
  store<u64>(at, load<u64>(at) + gradient);
}

function addEight(gradients: usize, bins: usize, rows: i32, stride: usize, packed: usize): void {
  const end = gradients + ((<usize>rows) << 3);
  for (; gradients < end; gradients += 8, bins += stride) {
    const gradient = load<u64>(gradients);
    const low = load<u32>(bins);
    const high = load<u32>(bins, 4);
    add(packed + ((low & 255) << 3), gradient);
    add(packed + packedStride + (((low >> 8) & 255) << 3), gradient);
    add(packed + 2 * packedStride + (((low >> 16) & 255) << 3), gradient);
    add(packed + 3 * packedStride + ((low >> 24) << 3), gradient);
    add(packed + 4 * packedStride + ((high & 255) << 3), gradient);
    add(packed + 5 * packedStride + (((high >> 8) & 255) << 3), gradient);
    add(packed + 6 * packedStride + (((high >> 16) & 255) << 3), gradient);
    add(packed + 7 * packedStride + ((high >> 24) << 3), gradient);
  }
}

function addFour(gradients: usize, bins: usize, rows: i32, stride: usize, packed: usize): void {
  const end = gradients + ((<usize>rows) << 3);
  for (; gradients < end; gradients += 8, bins += stride) {
    const gradient = load<u64>(gradients);
    const low = load<u32>(bins);
    add(packed + ((low & 255) << 3), gradient);
    add(packed + packedStride + (((low >> 8) & 255) << 3), gradient);
    add(packed + 2 * packedStride + (((low >> 16) & 255) << 3), gradient);
    add(packed + 3 * packedStride + ((low >> 24) << 3), gradient);
  }
}

function addOne(gradients: usize, bins: usize, rows: i32, stride: usize, packed: usize): void {
  const end = gradients + ((<usize>rows) << 3);
  for (; gradients < end; gradients += 8, bins += stride) {
    add(packed + ((<usize>load<u8>(bins)) << 3), load<u64>(gradients));
  }
}

/** Moves the packed sums to the thread's doubles, which hold them exactly, and leaves zeros. */
export function flush(plan: TreePlan, thread: i32): void {
  const sums = plan.sums + thread * plan.sumsBytes;
  const packed = plan.packed + thread * plan.packedBytes;
  flushColumns(plan, packed, sums, 0, plan.columns);
}

function flushColumns(plan: TreePlan, packed: usize, sums: usize, first: i32, last: i32): void {
  for (let c = first; c < last; c++) {
    const column: Column = columnAt(plan, c);
    let to = sums + ((<usize>column.start) << 4);
    let from = packed + c * packedStride;
    const end = from + ((<usize>column.bins) << 3);
    for (; from < end; from += 8, to += 16) {
      const both = load<u64>(from);
      if (both == 0) continue;
      store<u64>(from, 0);
      store<f64>(to, load<f64>(to) + <f64>(<i32>(both >> 32)));
      store<f64>(to, load<f64>(to, 8) + <f64>(<u32>both), 8);
    }
  }
}

/** Zeroes the thread's doubles. */
export function clearSums(plan: TreePlan, thread: i32): void {
  memory.fill(plan.sums + thread * plan.sumsBytes, 0, (<usize>plan.totalBins) << 4);
}
