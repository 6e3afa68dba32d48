import { philox } from '../random/philox.ts';
import type { ExactRows } from './exact-rows.ts';
import type { ForestLimits } from './forest-trainer.ts';

/** What the plain growth reads. */
interface PlainForest {
  /** By feature, by row: its own bins. */
  readonly bins: readonly ArrayLike<number>[];
  /** By feature, how many bins of values there are; the next one is that of missing values. */
  readonly counts: readonly number[];
  readonly rows: ExactRows;
  readonly limits: ForestLimits;
  readonly key: readonly [number, number];
}

interface DrawnRow {
  readonly row: number;
  readonly times: number;
  readonly weight: number;
}

interface PlainSplit {
  readonly term: number;
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
}

export interface PlainNode {
  readonly rows: readonly DrawnRow[];
  readonly depth: number;
  readonly sums: readonly number[];
  readonly weight: number;
  readonly impurity: number;
  gain: number;
  left: number;
  split: PlainSplit | undefined;
}

/** What `forest` does for one tree, in plain TypeScript: each node from its own rows, no histogram. */
export function plainForestTree(input: PlainForest): readonly PlainNode[] {
  const random = words(input.key);
  const order = input.bins.map((_, feature) => feature);
  const nodes = [nodeOf(input, draw(input, random), 0)];
  const weight = nodes[0]!.weight;
  const open: number[] = [];
  const consider = (id: number): void => {
    const node = nodes[id]!;
    node.split = splitOf(input, node, order, random);
    if (!node.split) return;
    node.gain = Math.max(0, node.split.term - termOf(input, node.sums, node.weight));
    if (node.gain / weight + Number.EPSILON < input.limits.minDecrease) return;
    open.push(id);
  };
  consider(0);
  const { leaves } = input.limits;
  for (let count = 1; open.length > 0 && (leaves === null || count < leaves); count++) {
    const id = leaves === null ? open.pop()! : takeBest(open, nodes);
    const node = nodes[id]!;
    const goesLeft = sideOf(input, node.split!);
    node.left = nodes.length;
    nodes.push(nodeOf(input, node.rows.filter(goesLeft), node.depth + 1));
    nodes.push(
      nodeOf(
        input,
        node.rows.filter((one) => !goesLeft(one)),
        node.depth + 1,
      ),
    );
    consider(node.left + 1);
    consider(node.left);
  }
  return nodes;
}

function takeBest(open: number[], nodes: readonly PlainNode[]): number {
  open.sort((a, b) => nodes[b]!.gain - nodes[a]!.gain || a - b);
  return open.shift()!;
}

function sideOf({ bins, counts }: PlainForest, { feature, bin, missingLeft }: PlainSplit) {
  return ({ row }: DrawnRow): boolean => {
    const own = bins[feature]![row]!;
    return own === counts[feature] ? missingLeft : own <= bin;
  };
}

type Below = (n: number) => number;

/** Words of Philox by counter, and of them whole numbers below n without bias. */
function words([key0, key1]: readonly [number, number]): Below {
  const block = new Uint32Array(4);
  let [next, used] = [0, 4];
  const word = (): bigint => {
    if (used === 4) {
      philox(next++, 0, 0, 0, key0, key1, block);
      used = 0;
    }
    return BigInt(block[used++]!);
  };
  return (n) => {
    const refused = (2 ** 32 - n) % n;
    for (;;) {
      const product = word() * BigInt(n);
      if (Number(product & 0xffffffffn) >= refused) return Number(product >> 32n);
    }
  };
}

function draw({ rows, limits }: PlainForest, below: Below): readonly DrawnRow[] {
  const { used, weights } = rows;
  const times = new Array<number>(used.length).fill(limits.bootstrap ? 0 : 1);
  if (limits.bootstrap) for (let k = 0; k < used.length; k++) times[below(used.length)]!++;
  const all = Array.from(used, (row, at) => {
    return { row, times: times[at]!, weight: times[at]! * weights[row]! };
  });
  return all.filter(({ weight }) => weight > 0);
}

/** By class the weight; or the weight and the sum of the numbers. */
function sumsOf({ rows, limits }: PlainForest, own: readonly DrawnRow[]): number[] {
  const sums = new Array<number>(Math.max(limits.classes, limits.classes > 0 ? 1 : 2)).fill(0);
  for (const { row, times, weight } of own) {
    if (limits.classes > 0) sums[rows.target[row]!]! += weight;
    else {
      sums[0]! += weight;
      sums[1]! += times * rows.products[row]!;
    }
  }
  return sums;
}

function nodeOf(input: PlainForest, rows: readonly DrawnRow[], depth: number): PlainNode {
  const { limits } = input;
  const { products } = input.rows;
  const sums = sumsOf(input, rows);
  const weight = limits.classes > 0 ? sums.reduce((sum, one) => sum + one, 0) : sums[0]!;
  const squareOf = ({ row, times, weight: own }: DrawnRow): number =>
    (times * products[row]!) ** 2 / own;
  const squares = rows.reduce((sum, one) => sum + squareOf(one), 0);
  const term = termOf(input, sums, weight);
  const impurity = {
    gini: () => 1 - term / weight,
    entropy: () => -term / weight,
    squared: () => Math.max(0, squares - term) / weight,
  }[limits.criterion]();
  return { rows, depth, sums, weight, impurity, gain: 0, left: -1, split: undefined };
}

/** What a split makes larger, of one side. */
function termOf({ limits }: PlainForest, sums: readonly number[], weight: number): number {
  if (limits.criterion === 'squared') return (sums[1]! * sums[1]!) / weight;
  if (limits.criterion === 'gini') {
    return sums.reduce((sum, one) => sum + one * one, 0) / weight;
  }
  return sums.reduce((sum, one) => sum + logarithmic(one), 0) - logarithmic(weight);
}

function logarithmic(x: number): number {
  return x > 0 ? x * Math.log(x) * Math.LOG2E : 0;
}

function splitOf(
  input: PlainForest,
  node: PlainNode,
  order: number[],
  below: Below,
): PlainSplit | undefined {
  const { limits, rows } = input;
  const values = node.rows.map(({ row }) => rows.target[row]!);
  const pure = Math.max(...values) === Math.min(...values);
  const deep = limits.depth !== null && node.depth >= limits.depth;
  if (pure || deep || node.rows.length < 2 * limits.minRows) return undefined;
  const all = limits.featuresPerSplit >= order.length;
  const most = Math.min(order.length, limits.featuresPerSplit);
  const step = (k: number): void => {
    if (all) return;
    const other = k + below(order.length - k);
    [order[k], order[other]] = [order[other]!, order[k]!];
  };
  for (let k = 0; k < most; k++) step(k);
  let best: PlainSplit | undefined;
  let varies = false;
  for (let k = 0; k < order.length && (k < most || !varies); k++) {
    if (k >= most) step(k);
    const candidates = candidatesOf(input, node, order[k]!, below);
    varies ||= candidates !== undefined;
    for (const one of candidates ?? []) {
      if (one.term > (best?.term ?? -Infinity)) best = one;
    }
  }
  return best;
}

/** The splits by a feature; nothing where all rows are in one bin. */
function candidatesOf(
  input: PlainForest,
  node: PlainNode,
  feature: number,
  below: Below,
): readonly PlainSplit[] | undefined {
  const { bins, counts, limits } = input;
  const missing = counts[feature]!;
  const own = node.rows.map(({ row }) => bins[feature]![row]!);
  const held = [...new Set(own)].filter((bin) => bin !== missing).sort((a, b) => a - b);
  const any = own.includes(missing);
  if (held.length + (any ? 1 : 0) < 2 || held.length === 0) return undefined;
  const gaps = held.slice(1).map((bin, at) => (held[at]! + bin - 1) >> 1);
  const drawn = limits.randomThresholds && held.length > 1;
  const [least, most] = [held[0]!, held.at(-1)!];
  const ends = drawn ? [least + below(most - least)] : gaps;
  const found = ends.flatMap((bin) =>
    (any ? [false, true] : [undefined]).map((side) => evaluate(input, node, feature, bin, side)),
  );
  if (any && !drawn) found.push(evaluate(input, node, feature, missing - 1, false));
  return found.filter((one) => one !== undefined);
}

/** Without missing values, one will go where more weight goes. */
function evaluate(
  input: PlainForest,
  node: PlainNode,
  feature: number,
  bin: number,
  side: boolean | undefined,
): PlainSplit | undefined {
  const goesLeft = sideOf(input, { term: 0, feature, bin, missingLeft: side ?? false });
  const left = node.rows.filter(goesLeft);
  const { minRows, classes } = input.limits;
  if (Math.min(left.length, node.rows.length - left.length) < minRows) return undefined;
  const sums = sumsOf(input, left);
  const rest = node.sums.map((sum, at) => sum - sums[at]!);
  const weightOf = (of: readonly number[]): number =>
    classes > 0 ? of.reduce((sum, one) => sum + one, 0) : of[0]!;
  const weight = weightOf(sums);
  return {
    term: termOf(input, sums, weight) + termOf(input, rest, weightOf(rest)),
    ...{ feature, bin, missingLeft: side ?? weight * 2 > node.weight },
  };
}
