import type { FeatureBins } from './feature-bins.ts';
import type { GrowLimits } from './tree-trainer.ts';

/** What the plain growth reads; gradients and hessians are the kernel's whole numbers. */
interface PlainInput {
  readonly features: readonly FeatureBins[];
  /** The order in which features are tried: of equal splits the first counts. */
  readonly order: readonly number[];
  /** By feature, by row. */
  readonly bins: readonly Uint8Array[];
  readonly gradients: ArrayLike<number>;
  readonly hessians: ArrayLike<number>;
  readonly rows: readonly number[];
  /** In units of those numbers. */
  readonly limits: GrowLimits & { readonly categoricalRows: number };
  readonly monotone?: ReadonlyMap<number, 1 | -1>;
}

interface PlainSplit {
  readonly gain: number;
  readonly feature: number;
  readonly goesLeft: (bin: number) => boolean;
  readonly gradient: number;
  readonly hessian: number;
}

interface PlainLeaf {
  readonly rows: readonly number[];
  readonly depth: number;
  readonly gradient: number;
  readonly hessian: number;
  readonly lower: number;
  readonly upper: number;
  caution: number;
  best: PlainSplit | undefined;
}

/** The leaves of a tree, by their numbers: the rows of each and its sums. */
export type PlainTree = readonly Pick<PlainLeaf, 'rows' | 'gradient' | 'hessian'>[];

/** What `grow` does, in plain TypeScript: no bundles, no subtraction, each histogram from its rows. */
export function plainGrow(input: PlainInput): PlainTree {
  const root = leafOf(input, input.rows, 0, -Infinity, Infinity);
  const leaves = [root];
  while (leaves.length < input.limits.leaves) {
    let at = -1;
    leaves.forEach(({ best }, leaf) => {
      if (best && best.gain > (leaves[at]?.best?.gain ?? 0)) at = leaf;
    });
    if (at < 0) break;
    const parted = part(input, leaves[at]!);
    if (!parted) continue;
    leaves[at] = parted[0];
    leaves.push(parted[1]);
  }
  return leaves;
}

function leafOf(
  input: PlainInput,
  rows: readonly number[],
  depth: number,
  lower: number,
  upper: number,
): PlainLeaf {
  const sum = (of: ArrayLike<number>): number => rows.reduce((total, row) => total + of[row]!, 0);
  const [gradient, hessian] = [sum(input.gradients), sum(input.hessians)];
  const leaf = { rows, depth, gradient, hessian, lower, upper, caution: 1, best: undefined };
  return { ...leaf, best: bestSplit(input, leaf) };
}

function part(input: PlainInput, leaf: PlainLeaf): readonly [PlainLeaf, PlainLeaf] | undefined {
  const { feature, goesLeft, gradient, hessian } = leaf.best!;
  const bins = input.bins[feature]!;
  const left = leaf.rows.filter((row) => goesLeft(bins[row]!));
  const right = leaf.rows.filter((row) => !goesLeft(bins[row]!));
  if (Math.min(left.length, right.length) < input.limits.minRows) {
    leaf.caution *= 2;
    leaf.best = bestSplit(input, leaf);
    return undefined;
  }
  const { l2 } = input.limits;
  const value = (g: number, h: number): number => held(leaf, -g / (h + l2));
  const middle =
    (value(gradient, hessian) + value(leaf.gradient - gradient, leaf.hessian - hessian)) / 2;
  const monotone = input.monotone?.get(feature) ?? 0;
  const [low, high] = [monotone < 0 ? middle : leaf.lower, monotone > 0 ? middle : leaf.upper];
  const other = [monotone > 0 ? middle : leaf.lower, monotone < 0 ? middle : leaf.upper] as const;
  return [
    leafOf(input, left, leaf.depth + 1, low, high),
    leafOf(input, right, leaf.depth + 1, ...other),
  ];
}

function held({ lower, upper }: PlainLeaf, value: number): number {
  return Math.max(lower, Math.min(upper, value));
}

function gainOf(g: number, h: number, l2: number, value: number): number {
  return -value * (2 * g + (h + l2) * value);
}

function bestSplit(input: PlainInput, leaf: PlainLeaf): PlainSplit | undefined {
  const { limits } = input;
  if (leaf.depth >= limits.depth || leaf.rows.length < 2 * limits.minRows) return undefined;
  const own = held(leaf, -leaf.gradient / (leaf.hessian + limits.l2));
  const floor = gainOf(leaf.gradient, leaf.hessian, limits.l2, own) + limits.minGain;
  let most = floor + 1e-10 * Math.abs(floor);
  let best: PlainSplit | undefined;
  for (const feature of input.order) {
    for (const split of splitsBy(input, leaf, feature)) {
      if (!(split.gain > most)) continue;
      most = split.gain;
      best = { ...split, gain: split.gain - floor + limits.minGain };
    }
  }
  return best;
}

interface BinSums {
  readonly gradients: Float64Array;
  readonly hessians: Float64Array;
}

function sumsOf(input: PlainInput, leaf: PlainLeaf, feature: number): BinSums {
  const count = input.features[feature]!.bins + 1;
  const sums = { gradients: new Float64Array(count), hessians: new Float64Array(count) };
  for (const row of leaf.rows) {
    const bin = input.bins[feature]![row]!;
    sums.gradients[bin]! += input.gradients[row]!;
    sums.hessians[bin]! += input.hessians[row]!;
  }
  return sums;
}

/** The candidates of a feature in the order in which the kernel meets them; the first of equals counts. */
function splitsBy(input: PlainInput, leaf: PlainLeaf, feature: number): readonly PlainSplit[] {
  const sums = sumsOf(input, leaf, feature);
  const { categorical } = input.features[feature]!;
  return (categorical ? categorySplits : numberSplits)(input, leaf, feature, sums);
}

function leastHessian({ limits }: PlainInput, leaf: PlainLeaf): number {
  const rows = (limits.minRows - 0.5) * leaf.caution * (leaf.hessian / leaf.rows.length);
  return Math.max(limits.minHessian, rows, 0.5);
}

function splitOf(
  input: PlainInput,
  leaf: PlainLeaf,
  feature: number,
  gradient: number,
  hessian: number,
  l2: number,
  goesLeft: (bin: number) => boolean,
): readonly PlainSplit[] {
  const rightG = leaf.gradient - gradient;
  const rightH = leaf.hessian - hessian;
  if (Math.min(hessian, rightH) < leastHessian(input, leaf)) return [];
  const { categorical } = input.features[feature]!;
  const monotone = input.monotone?.get(feature) ?? 0;
  const bounded = monotone !== 0 || leaf.lower > -Infinity || leaf.upper < Infinity;
  if (!bounded && !categorical) {
    const gain = gradient ** 2 / (hessian + l2) + rightG ** 2 / (rightH + l2);
    return [{ gain, feature, goesLeft, gradient, hessian }];
  }
  const left = held(leaf, -gradient / (hessian + l2));
  const right = held(leaf, -rightG / (rightH + l2));
  if ((right - left) * monotone < 0) return [];
  const gain = gainOf(gradient, hessian, l2, left) + gainOf(rightG, rightH, l2, right);
  return [{ gain, feature, goesLeft, gradient, hessian }];
}

function numberSplits(
  input: PlainInput,
  leaf: PlainLeaf,
  feature: number,
  { gradients, hessians }: BinSums,
): readonly PlainSplit[] {
  const { bins } = input.features[feature]!;
  const any = hessians[bins]! > 0;
  const found: PlainSplit[] = [];
  for (const missingLeft of any ? [false, true] : [false]) {
    let g = missingLeft ? gradients[bins]! : 0;
    let h = missingLeft ? hessians[bins]! : 0;
    for (let last = 0; last < (any && !missingLeft ? bins : bins - 1); last++) {
      g += gradients[last]!;
      h += hessians[last]!;
      const goesLeft = (bin: number): boolean => (bin === bins ? missingLeft : bin <= last);
      found.push(...splitOf(input, leaf, feature, g, h, input.limits.l2, goesLeft));
    }
  }
  return found;
}

function categorySplits(
  input: PlainInput,
  leaf: PlainLeaf,
  feature: number,
  { gradients, hessians }: BinSums,
): readonly PlainSplit[] {
  const { limits } = input;
  if (gradients.length <= 4) {
    return Array.from(gradients.keys()).flatMap((one) => {
      const [g, h] = [gradients[one]!, hessians[one]!];
      return splitOf(input, leaf, feature, g, h, limits.l2, (bin) => bin === one);
    });
  }
  const rowHessian = leaf.hessian / leaf.rows.length;
  const key = (bin: number): number =>
    gradients[bin]! / (hessians[bin]! + limits.categoricalSmooth);
  const order = Array.from(gradients.keys())
    .filter((bin) => hessians[bin]! > 0 && hessians[bin]! >= limits.categoricalRows * rowHessian)
    .sort((a, b) => key(a) - key(b) || a - b);
  return [order, order.toReversed()].flatMap((run) =>
    runSplits(input, leaf, feature, { gradients, hessians }, run),
  );
}

function runSplits(
  input: PlainInput,
  leaf: PlainLeaf,
  feature: number,
  { gradients, hessians }: BinSums,
  run: readonly number[],
): readonly PlainSplit[] {
  const { limits } = input;
  const group = 100 * (leaf.hessian / leaf.rows.length);
  const found: PlainSplit[] = [];
  let [g, h, since] = [0, 0, 0];
  for (let taken = 0; taken < Math.min(limits.maxCategories, (run.length + 1) >> 1); taken++) {
    g += gradients[run[taken]!]!;
    h += hessians[run[taken]!]!;
    since += hessians[run[taken]!]!;
    if (leaf.hessian - h < group) break;
    if (since < group) continue;
    since = 0;
    const left = new Set(run.slice(0, taken + 1));
    const l2 = limits.l2 + limits.categoricalL2;
    found.push(...splitOf(input, leaf, feature, g, h, l2, (bin) => left.has(bin)));
  }
  return found;
}
