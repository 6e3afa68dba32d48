import type { ParametersOf } from '../constraint.ts';
import { InvalidParameter } from '../error.ts';
import type { ExamplesSize } from '../tabular-kind.ts';

/** What limits each tree, the same for trees alone and in forests. */
export const growthConstraints = {
  depth: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: null,
    optional: true,
    summary: 'The most splits above a leaf; null for no limit.',
  },
  leaves: {
    type: 'integer',
    min: 2,
    max: 1_000_000,
    default: null,
    optional: true,
    scale: 'log',
    summary: 'The most leaves of a tree, best splits first; null for no limit.',
  },
  minRows: {
    type: 'integer',
    min: 1,
    max: 1e9,
    default: 1,
    scale: 'log',
    summary: 'The least rows of a leaf; one that was drawn twice counts once.',
  },
  minDecrease: {
    type: 'number',
    min: 0,
    max: 1e12,
    default: 0,
    summary: 'By how much a split must lower the impurity, weighted by the share of rows it has.',
  },
  featureShare: {
    type: 'number',
    min: 0,
    above: true,
    max: 1,
    default: 0.333,
    summary: 'The share of columns where `featuresPerSplit` is `share`.',
  },
  bins: { type: 'integer', min: 2, max: 255, default: 255, summary: 'The most bins of a column.' },
} as const;

/** What a classifier's trees have besides. */
export const classConstraints = {
  criterion: {
    type: 'choice',
    options: ['gini', 'entropy'],
    default: 'gini',
    summary: 'The impurity that splits lower.',
  },
  classWeights: {
    type: 'choice',
    options: ['equal', 'balanced'],
    default: 'equal',
    summary: 'Whether each class weighs as its rows, or all classes the same.',
  },
} as const;

/** What a forest has besides. */
export const forestConstraints = {
  trees: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 100,
    scale: 'log',
    summary: 'How many trees there are.',
  },
  outOfBag: {
    type: 'flag',
    default: false,
    summary: 'Whether each row is scored by the trees that did not draw it.',
  },
} as const;

type Limits = ParametersOf<typeof growthConstraints>;
export type ClassValues = ParametersOf<typeof classConstraints>;
export type ForestValues = ParametersOf<typeof forestConstraints>;

/** What limits a tree and says how many columns its splits look at. */
export type GrowthValues = Limits & {
  readonly featuresPerSplit: 'sqrt' | 'log2' | 'all' | 'share';
};

/** How many columns a split looks at. */
export function featuresOf(values: GrowthValues, columns: number): number {
  const counts = {
    sqrt: Math.sqrt(columns),
    log2: Math.log2(columns),
    all: columns,
    share: values.featureShare * columns,
  };
  return Math.max(1, Math.floor(counts[values.featuresPerSplit]));
}

/** Throws `InvalidParameter` where rows are to be scored out of the bag and there is none. */
export function checkOutOfBag(
  kind: string,
  values: { readonly bootstrap: boolean; readonly outOfBag: boolean },
): void {
  if (values.bootstrap || !values.outOfBag) return;
  throw new InvalidParameter(kind, 'outOfBag', 'needs bootstrap: without it each tree sees all');
}

const mostThreads = 8;
/** Trees that are grown at once take so much, or one for each thread. */
const batchBytes = 2 ** 27;

/** Bytes beside the examples: bins, the rows of the trees that are grown at once, the trees. */
export function forestMemory(
  { rows, columns, classes }: ExamplesSize,
  values: GrowthValues,
  trees: number,
): number {
  const outputs = Math.max(1, classes);
  const threads = Math.min(mostThreads, trees);
  const byDepth = values.depth !== null && values.depth < 30 ? 2 ** values.depth : Infinity;
  const leaves = Math.min(Math.ceil(rows / values.minRows), values.leaves ?? Infinity, byDepth);
  const table = 2 * rows * (columns + 4) + 2 ** 25 + 12 * columns * Math.min(rows, 200_000);
  const grown =
    rows * (60 + 8 * outputs) + threads * (rows * 60 + columns * (outputs + 2) * 2048) + batchBytes;
  const tree = 2 * leaves * (64 + 8 * outputs);
  const batch = Math.min(trees * tree, Math.max(batchBytes, threads * tree));
  // As they come from the kernel, as arrays of their own, and joined.
  return table + grown + 2 * batch + 2 * trees * leaves * (40 + 8 * outputs);
}
