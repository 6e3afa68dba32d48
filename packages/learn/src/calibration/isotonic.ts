/** A rising step function, linear between its places. */
export interface Isotonic {
  /** Ascending. */
  readonly places: Float64Array;
  /** Never falling, as many. */
  readonly values: Float64Array;
}

/**
 * The rising function with the least weighted squared distance to the targets, by pooling neighbours that
 * fall (Barlow et al. 1972). Equal places are one.
 */
export function fitIsotonic(
  places: ArrayLike<number>,
  target: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Isotonic {
  const order = Array.from({ length: places.length }, (_, at) => at);
  order.sort((a, b) => places[a]! - places[b]! || a - b);
  const blocks: { from: number; to: number; sum: number; weight: number }[] = [];
  for (const at of order) {
    const weight = weights?.[at] ?? 1;
    if (weight === 0) continue;
    const place = places[at]!;
    const last = blocks.at(-1);
    if (last?.to === place && last.from === place) {
      last.sum += weight * target[at]!;
      last.weight += weight;
    } else blocks.push({ from: place, to: place, sum: weight * target[at]!, weight });
  }
  const pooled: typeof blocks = [];
  for (const block of blocks) {
    pooled.push(block);
    while (pooled.length > 1 && falls(pooled.at(-2)!, pooled.at(-1)!)) {
      const right = pooled.pop()!;
      const left = pooled.at(-1)!;
      left.to = right.to;
      left.sum += right.sum;
      left.weight += right.weight;
    }
  }
  const ends = pooled.flatMap(({ from, to, sum, weight }) => {
    const value = sum / weight;
    return from === to ? [[from, value] as const] : [[from, value] as const, [to, value] as const];
  });
  return {
    places: Float64Array.from(ends, ([place]) => place),
    values: Float64Array.from(ends, ([, value]) => value),
  };
}

interface Block {
  readonly sum: number;
  readonly weight: number;
}

function falls(left: Block, right: Block): boolean {
  return left.sum * right.weight >= right.sum * left.weight;
}

/** The function's value; beyond its first and last place it stays what it is there. */
export function isotonicAt({ places, values }: Isotonic, place: number): number {
  const last = places.length - 1;
  if (place <= places[0]!) return values[0]!;
  if (place >= places[last]!) return values[last]!;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (places[middle]! <= place) low = middle;
    else high = middle;
  }
  const share = (place - places[low]!) / (places[high]! - places[low]!);
  return values[low]! + share * (values[high]! - values[low]!);
}
