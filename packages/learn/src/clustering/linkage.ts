/** How far two clusters are apart. */
type LinkageRule = 'ward' | 'average' | 'complete' | 'single';

/** Two clusters that become one; clusters from n on are those of earlier merges, by their order. */
export interface Merge {
  readonly first: number;
  readonly second: number;
  readonly distance: number;
  readonly size: number;
}

/** Distances between all pairs of n things: i < j at i n - i (i + 1) / 2 + j - i - 1. */
export interface PairDistances {
  readonly n: number;
  readonly values: Float64Array;
}

/**
 * All n - 1 merges in ascending order, by chains of nearest neighbours (Murtagh 1983; Mullner 2011): time n^2.
 * The distances are changed. For ward they are Euclidean, and a merge's is that of its increase in squares,
 * sqrt(2 x increase).
 */
export function linkage(distances: PairDistances, rule: LinkageRule): readonly Merge[] {
  const { n } = distances;
  const sizes = new Int32Array(n).fill(1);
  const raw: { a: number; b: number; distance: number }[] = [];
  const chain: number[] = [];
  let lowest = 0;
  while (raw.length < n - 1) {
    while (sizes[lowest] === 0) lowest++;
    if (chain.length === 0) chain.push(lowest);
    const last = chain.at(-1)!;
    const before = chain.at(-2);
    const { place, distance } = nearestOther(distances, sizes, last, before);
    if (place !== before) {
      chain.push(place);
      continue;
    }
    chain.length -= 2;
    const [a, b] = [Math.min(last, place), Math.max(last, place)];
    raw.push({ a, b, distance });
    join(distances, sizes, a, b, distance, rule);
  }
  return inOrder(raw, n);
}

function pairAt(n: number, a: number, b: number): number {
  const [i, j] = a < b ? [a, b] : [b, a];
  return i * n - (i * (i + 1)) / 2 + j - i - 1;
}

/** The one before in the chain is preferred among equals, so that chains end. */
function nearestOther(
  { n, values }: PairDistances,
  sizes: Int32Array,
  from: number,
  before: number | undefined,
): { readonly place: number; readonly distance: number } {
  let place = before ?? -1;
  let distance = before === undefined ? Infinity : values[pairAt(n, from, before)]!;
  for (let other = 0; other < n; other++) {
    if (sizes[other] === 0 || other === from) continue;
    const found = values[pairAt(n, from, other)]!;
    if (found >= distance && place >= 0) continue;
    [place, distance] = [other, found];
  }
  return { place, distance };
}

/** Lance and Williams's update; b holds the merged cluster from now on. */
function join(
  { n, values }: PairDistances,
  sizes: Int32Array,
  a: number,
  b: number,
  between: number,
  rule: LinkageRule,
): void {
  const [sizeA, sizeB] = [sizes[a]!, sizes[b]!];
  for (let other = 0; other < n; other++) {
    if (sizes[other] === 0 || other === a || other === b) continue;
    const at = pairAt(n, other, b);
    const [toA, toB] = [values[pairAt(n, other, a)]!, values[at]!];
    values[at] = updated(rule, toA, toB, between, sizeA, sizeB, sizes[other]!);
  }
  sizes[b] = sizeA + sizeB;
  sizes[a] = 0;
}

function updated(
  rule: LinkageRule,
  toA: number,
  toB: number,
  between: number,
  sizeA: number,
  sizeB: number,
  size: number,
): number {
  switch (rule) {
    case 'single':
      return Math.min(toA, toB);
    case 'complete':
      return Math.max(toA, toB);
    case 'average':
      return (sizeA * toA + sizeB * toB) / (sizeA + sizeB);
    case 'ward': {
      const parts = (sizeA + size) * toA ** 2 + (sizeB + size) * toB ** 2 - size * between ** 2;
      return Math.sqrt(Math.max(0, parts / (sizeA + sizeB + size)));
    }
  }
}

/** Merges by distance, clusters named by the order of their merges. */
export function inOrder(
  raw: readonly { readonly a: number; readonly b: number; readonly distance: number }[],
  n: number,
): readonly Merge[] {
  const sorted = raw.toSorted((one, other) => one.distance - other.distance);
  const parents = Int32Array.from({ length: n }, (_, at) => at);
  const names = parents.slice();
  const sizes = new Int32Array(n).fill(1);
  return sorted.map(({ a, b, distance }, at) => {
    const [left, right] = [rootOf(parents, a), rootOf(parents, b)];
    const [first, second] = [names[left]!, names[right]!].sort((x, y) => x - y) as [number, number];
    parents[left] = right;
    sizes[right]! += sizes[left]!;
    names[right] = n + at;
    return { first, second, distance, size: sizes[right]! };
  });
}

/** The representative of a set, shortening the way to it. */
export function rootOf(parents: Int32Array, from: number): number {
  let at = from;
  while (parents[at] !== at) {
    parents[at] = parents[parents[at]!]!;
    at = parents[at]!;
  }
  return at;
}

/** Labels 0, 1, ... by first row, after the first n - clusters merges. */
export function cutTree(merges: readonly Merge[], n: number, clusters: number): Int32Array {
  const parents = Int32Array.from({ length: 2 * n - 1 }, (_, at) => at);
  merges.slice(0, n - clusters).forEach(({ first, second }, at) => {
    parents[first] = n + at;
    parents[second] = n + at;
  });
  const names = new Map<number, number>();
  return Int32Array.from({ length: n }, (_, row) => {
    const root = rootOf(parents, row);
    if (!names.has(root)) names.set(root, names.size);
    return names.get(root)!;
  });
}
