import { insert } from '../rank-rows.ts';

/**
 * The weights of each column that are largest without their sign, equal ones by item; zeros are none.
 * `fill` writes a column.
 */
export function largestWeights(
  items: number,
  kept: number,
  fill: (item: number, column: Float32Array) => void,
): {
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly weights: Float32Array;
} {
  const most = Math.min(kept, items);
  const column = new Float32Array(items);
  const [found, sizes] = [new Int32Array(most), new Float32Array(most)];
  const offsets = new Int32Array(items + 1);
  const indices = new Int32Array(items * most);
  const weights = new Float32Array(items * most);
  let to = 0;
  for (let item = 0; item < items; item++) {
    fill(item, column);
    found.fill(-1);
    // Nothing that is not above zero comes in.
    sizes.fill(0);
    for (let other = 0; other < items; other++)
      insert(found, sizes, other, Math.abs(column[other]!));
    for (let place = 0; place < most && found[place]! >= 0; place++) {
      indices[to] = found[place]!;
      weights[to++] = column[found[place]!]!;
    }
    offsets[item + 1] = to;
  }
  return { offsets, indices: indices.slice(0, to), weights: weights.slice(0, to) };
}
