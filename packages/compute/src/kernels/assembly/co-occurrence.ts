import { takeChunk } from './work';

/** Items that a thread takes at once. */
const chunkItems: i32 = 32;

/**
 * For each item the items that the same users met, itself among them, with the sum of those users' shares.
 * Where `outItems` is 0 only their number is written, to `counts`; else row i is written from `outOffsets`
 * of i on, in the order in which its users (ascending) name the items. Scratch, all zeros: a double and an
 * integer for each item.
 */
export function coOccurrence(
  thread: i32,
  control: usize,
  items: i32,
  itemOffsets: usize,
  itemUsers: usize,
  userOffsets: usize,
  userItems: usize,
  shares: usize,
  counts: usize,
  outOffsets: usize,
  outItems: usize,
  outSums: usize,
  scratch: usize,
  scratchBytes: i32,
): void {
  const sums = scratch + (<usize>thread) * (<usize>scratchBytes);
  const touched = sums + ((<usize>items) << 3);
  for (;;) {
    const first = takeChunk(control, chunkItems, items);
    if (first < 0) return;
    const last = min(first + chunkItems, items);
    for (let item = first; item < last; item++) {
      const at = (<usize>item) << 2;
      const end = collect(item, itemOffsets, itemUsers, userOffsets, userItems, shares, sums, touched);
      if (outItems == 0) store<i32>(counts + at, <i32>((end - touched) >> 2));
      else {
        const out = (<usize>load<i32>(outOffsets + at)) << 2;
        give(touched, end, sums, outItems + out, outSums + out);
      }
      for (let one = touched; one < end; one += 4) {
        store<f64>(sums + ((<usize>load<i32>(one)) << 3), 0);
      }
    }
  }
}

/** Adds up shares by item; gives the end of the list of items whose sum is not zero. */
function collect(
  item: i32,
  itemOffsets: usize,
  itemUsers: usize,
  userOffsets: usize,
  userItems: usize,
  shares: usize,
  sums: usize,
  touched: usize,
): usize {
  let end = touched;
  const place = itemOffsets + ((<usize>item) << 2);
  const lastUser = itemUsers + ((<usize>load<i32>(place, 4)) << 2);
  for (let at = itemUsers + ((<usize>load<i32>(place)) << 2); at < lastUser; at += 4) {
    const user = <usize>load<i32>(at);
    const share = load<f64>(shares + (user << 3));
    const row = userOffsets + (user << 2);
    const lastItem = userItems + ((<usize>load<i32>(row, 4)) << 2);
    for (let one = userItems + ((<usize>load<i32>(row)) << 2); one < lastItem; one += 4) {
      const other = load<i32>(one);
      const sum = sums + ((<usize>other) << 3);
      const before = load<f64>(sum);
      if (before == 0) {
        store<i32>(end, other);
        end += 4;
      }
      store<f64>(sum, before + share);
    }
  }
  return end;
}

function give(touched: usize, end: usize, sums: usize, outItems: usize, outSums: usize): void {
  for (let at = touched; at < end; at += 4, outItems += 4, outSums += 4) {
    const other = load<i32>(at);
    store<i32>(outItems, other);
    store<f32>(outSums, <f32>load<f64>(sums + ((<usize>other) << 3)));
  }
}
