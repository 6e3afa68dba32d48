import type { KernelSession } from '../kernel-session.ts';

/** Splits on numbers; a child is a split after its parent, or the complement (~) of a leaf. */
export interface NumberTrees {
  /** By tree, what it begins with. */
  readonly roots: Int32Array;
  readonly features: Int32Array;
  /** Numbers up to it go left. */
  readonly thresholds: Float64Array;
  /** 1 where a missing number (NaN) goes left. */
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** By leaf. */
  readonly values: Float64Array;
}

interface Rows {
  readonly rows: number;
  readonly columns: number;
  /** Row-major; NaN is missing. */
  readonly values: Float32Array | Float64Array;
}

/** Rows that stay in a near cache while all trees pass over them. */
const blockRows = 256;

/**
 * Adds the values of all trees, in their order, to the scores, rows x outputs; tree t belongs to output t mod
 * outputs. On the caller's thread: for few rows.
 */
export function walkTrees(
  trees: NumberTrees,
  { rows, columns, values: x }: Rows,
  scores: Float64Array,
  outputs: number,
): void {
  const { roots, features, thresholds, missingLeft, left, right, values } = trees;
  for (let first = 0; first < rows; first += blockRows) {
    const last = Math.min(rows, first + blockRows);
    for (let tree = 0; tree < roots.length; tree++) {
      const root = roots[tree]!;
      const output = tree % outputs;
      for (let row = first; row < last; row++) {
        const base = row * columns;
        let at = root;
        while (at >= 0) {
          const value = x[base + features[at]!]!;
          // What compares false with all numbers is missing, and only then is its side looked up.
          if (value <= thresholds[at]!) at = left[at]!;
          else if (value > thresholds[at]!) at = right[at]!;
          else at = missingLeft[at] === 1 ? left[at]! : right[at]!;
        }
        scores[row * outputs + output]! += values[~at]!;
      }
    }
  }
}

const nodeBytes = 16;
const stagedBytes = 2 ** 25;

/** What `walkTrees` does, on all threads of the session: for many rows. The sums are the same bit for bit. */
export async function walkTreesOn(
  session: KernelSession,
  trees: NumberTrees,
  { rows, columns, values }: Rows,
  scores: Float64Array,
  outputs: number,
): Promise<void> {
  const missing = hasMissing(values);
  const placed = placeTrees(session, trees, missing);
  // Eight rows walk at once: the last of them may be no rows.
  const part = Math.min(Math.ceil(rows / 8) * 8, Math.ceil(stagedBytes / columns / 64) * 8);
  const staged = session.allocate(part * columns * 8);
  const sums = session.allocate(part * outputs * 8);
  const [x, held] = [session.float64(staged), session.float64(sums)];
  for (let first = 0; first < rows; first += part) {
    const count = Math.min(part, rows - first);
    const own = values.subarray(first * columns, (first + count) * columns);
    const given = scores.subarray(first * outputs, (first + count) * outputs);
    x.set(own);
    held.set(given);
    await session.run('walk', [
      ...[placed.nodes, placed.values, placed.roots, trees.roots.length],
      ...[staged.address, columns * 8, count, sums.address, outputs, missing ? 1 : 0],
    ]);
    given.set(held.subarray(0, given.length));
  }
}

function hasMissing(values: Float32Array | Float64Array): boolean {
  for (let at = 0; at < values.length; at++) if (Number.isNaN(values[at]!)) return true;
  return false;
}

interface PlacedTrees {
  readonly nodes: number;
  readonly values: number;
  readonly roots: number;
}

/** The nodes of each tree by level, so that the two children of a split lie side by side. */
function placeTrees(session: KernelSession, trees: NumberTrees, missing: boolean): PlacedTrees {
  const { roots } = trees;
  const order: number[] = [];
  const children: number[] = [];
  const starts = Int32Array.from(roots, (root) => {
    const start = order.length;
    order.push(root);
    for (let at = start; at < order.length; at++) {
      const node = order[at]!;
      children.push(node < 0 ? at : order.length);
      if (node >= 0) order.push(trees.left[node]!, trees.right[node]!);
    }
    return start;
  });
  const nodes = session.allocate(order.length * nodeBytes);
  const values = session.allocate(order.length * 8);
  const places = session.allocate(starts.length * 4);
  const [numbers, words] = [session.float64(nodes), session.int32(nodes)];
  const held = session.float64(values);
  order.forEach((node, at) => {
    words[at * 4 + 3] = nodes.address + children[at]! * nodeBytes;
    numbers[at * 2] = node < 0 ? Infinity : trees.thresholds[node]!;
    if (node < 0) held[at] = trees.values[~node]!;
    else
      words[at * 4 + 2] = trees.features[node]! * 8 + (missing && !trees.missingLeft[node] ? 1 : 0);
  });
  session.int32(places).set(starts.map((start) => nodes.address + start * nodeBytes));
  return { nodes: nodes.address, values: values.address, roots: places.address };
}
