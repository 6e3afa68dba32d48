import { Grower, nodeAt } from './forest-plan';

/** The open node that was opened last. */
export function takeLast(grower: Grower): i32 {
  grower.openCount--;
  return load<i32>(grower.open + ((<usize>grower.openCount) << 2));
}

/** The open node whose split gains most, of equals the older one, from a heap. */
export function takeBest(grower: Grower): i32 {
  const best = load<i32>(grower.open);
  const last = takeLast(grower);
  if (grower.openCount == 0) return best;
  store<i32>(grower.open, last);
  let at: i32 = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= grower.openCount) break;
    if (child + 1 < grower.openCount && before(grower, child + 1, child)) child++;
    if (!before(grower, child, at)) break;
    swap(grower, at, child);
    at = child;
  }
  return best;
}

/** Lets the node at a place of the heap rise to where it belongs. */
export function rise(grower: Grower, from: i32): void {
  let at = from;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(grower, at, parent)) return;
    swap(grower, at, parent);
    at = parent;
  }
}

function before(grower: Grower, left: i32, right: i32): bool {
  const a = load<i32>(grower.open + ((<usize>left) << 2));
  const b = load<i32>(grower.open + ((<usize>right) << 2));
  const x = nodeAt(grower, a).gain;
  const y = nodeAt(grower, b).gain;
  return x > y || (x == y && a < b);
}

function swap(grower: Grower, left: i32, right: i32): void {
  const a = grower.open + ((<usize>left) << 2);
  const b = grower.open + ((<usize>right) << 2);
  const held = load<i32>(a);
  store<i32>(a, load<i32>(b));
  store<i32>(b, held);
}
