import { featureAt, Leaf, leafAt, stateTable, TreePlan, TreeState } from './tree-plan';

/** Rows that one thread parts at a time. */
export const chunkRows: i32 = 4096;

/**
 * Parts the rows of the leaf by the table of bins. Where there is one chunk it is done at once; else each
 * chunk is parted in the spare memory (right rows from the end down), and `moveChunks` follows.
 */
export function partChunks(plan: TreePlan, state: TreeState, counter: usize): void {
  const leaf: Leaf = leafAt(plan, state.leaf);
  const column = plan.binColumns + featureAt(plan, leaf.feature).column * <usize>plan.rows;
  const table = plan.state + stateTable;
  const start = (<usize>leaf.start) << 2;
  for (;;) {
    const first = takeOf(counter, chunkRows, leaf.count);
    if (first < 0) return;
    const count = min(chunkRows, leaf.count - first);
    const from = plan.index + start + ((<usize>first) << 2);
    const to = plan.spare + start + ((<usize>first) << 2);
    const left =
      leaf.count <= chunkRows
        ? partAtOnce(from, count, column, table, to)
        : part(from, count, column, table, to);
    store<i32>(plan.chunkCounts + ((<usize>(first / chunkRows)) << 2), left);
  }
}

@inline
function takeOf(counter: usize, size: i32, total: i32): i32 {
  const first = atomic.add<i32>(counter, size);
  return first < total ? first : -1;
}

function part(from: usize, count: i32, column: usize, table: usize, to: usize): i32 {
  let left = to;
  let right = to + ((<usize>(count - 1)) << 2);
  for (const end = from + ((<usize>count) << 2); from < end; from += 4) {
    const row = load<u32>(from);
    const isLeft = <usize>load<u8>(table + load<u8>(column + row));
    store<u32>(left, row);
    store<u32>(right, row);
    left += isLeft << 2;
    right -= (1 - isLeft) << 2;
  }
  return <i32>((left - to) >> 2);
}

function partAtOnce(from: usize, count: i32, column: usize, table: usize, spare: usize): i32 {
  let left = from;
  let right = spare;
  for (let at = from, end = from + ((<usize>count) << 2); at < end; at += 4) {
    const row = load<u32>(at);
    const isLeft = <usize>load<u8>(table + load<u8>(column + row));
    store<u32>(left, row);
    store<u32>(right, row);
    left += isLeft << 2;
    right += (1 - isLeft) << 2;
  }
  memory.copy(left, spare, right - spare);
  return <i32>((left - from) >> 2);
}

/** Moves parted chunks back: left rows first, each side in its order. */
export function moveChunks(plan: TreePlan, state: TreeState, leftRows: i32, counter: usize): void {
  const start = (<usize>state.start) << 2;
  let before: i32 = 0;
  let chunk: i32 = 0;
  for (;;) {
    const first = takeOf(counter, chunkRows, state.count);
    if (first < 0) return;
    for (; chunk < first / chunkRows; chunk++) {
      before += load<i32>(plan.chunkCounts + ((<usize>chunk) << 2));
    }
    const count = min(chunkRows, state.count - first);
    const left = load<i32>(plan.chunkCounts + ((<usize>chunk) << 2));
    const from = plan.spare + start + ((<usize>first) << 2);
    const to = plan.index + start;
    memory.copy(to + ((<usize>before) << 2), from, (<usize>left) << 2);
    let at = from + ((<usize>(count - 1)) << 2);
    let right = to + ((<usize>(leftRows + first - before)) << 2);
    for (const end = right + ((<usize>(count - left)) << 2); right < end; right += 4, at -= 4) {
      store<u32>(right, load<u32>(at));
    }
  }
}

/** How many rows of the leaf went left. */
export function countLeft(plan: TreePlan, rows: i32): i32 {
  let left: i32 = 0;
  for (let at = plan.chunkCounts, chunk: i32 = 0; chunk < rows; chunk += chunkRows, at += 4) {
    left += load<i32>(at);
  }
  return left;
}
