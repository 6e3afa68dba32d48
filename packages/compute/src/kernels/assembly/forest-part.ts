import { featureAt, ForestNode, ForestPlan, Grower } from './forest-plan';

/** Parts a node's rows, those that go left first, both in the order they were in; how many go left. */
export function partRows(plan: ForestPlan, grower: Grower, node: ForestNode): i32 {
  const sides = grower.bins;
  const feature = featureAt(plan, node.feature);
  for (let at: i32 = 0; at < 256; at++) {
    const bin: i32 = feature.map != 0 ? <i32>load<u8>(feature.map + <usize>at) : at;
    const goesLeft = bin == feature.bins ? node.missingLeft != 0 : bin <= node.bin;
    store<u8>(sides + <usize>at, goesLeft ? 1 : 0);
  }
  const byColumn = (<i64>node.count) * 64 > <i64>plan.rows;
  const column = byColumn
    ? plan.binColumns + (<usize>feature.column) * (<usize>plan.rows)
    : plan.binRows + <usize>feature.column;
  const step: usize = byColumn ? 1 : <usize>plan.stride;
  const bytes = <usize>plan.entryBytes;
  const first = grower.entries + (<usize>node.start) * bytes;
  const end = first + (<usize>node.count) * bytes;
  const left =
    plan.classes > 0
      ? moveEntries(first, end, column, step, sides, grower.spare, 16)
      : moveEntries(first, end, column, step, sides, grower.spare, 24);
  memory.copy(left, grower.spare, end - left);
  memory.fill(sides, 0, 256);
  return <i32>((left - first) / bytes);
}

/** Writes each row to both sides and keeps it on one: a side that cannot be foreseen costs no stall. */
@inline
function moveEntries(
  first: usize,
  end: usize,
  column: usize,
  step: usize,
  sides: usize,
  spare: usize,
  bytes: usize,
): usize {
  let left = first;
  let right = spare;
  for (let entry = first; entry < end; entry += bytes) {
    const head = v128.load(entry);
    const tail = bytes == 24 ? load<f64>(entry, 16) : 0;
    const bin = <usize>load<u8>(column + (<usize>load<u32>(entry)) * step);
    const goesLeft = <usize>load<u8>(sides + bin);
    v128.store(left, head);
    v128.store(right, head);
    if (bytes == 24) {
      store<f64>(left, tail, 16);
      store<f64>(right, tail, 16);
    }
    left += goesLeft * bytes;
    right += (1 - goesLeft) * bytes;
  }
  return left;
}
