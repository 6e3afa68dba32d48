import { type SeededRandom, seededRandom, throwIfCancelled } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidModel } from '../error.ts';
import { featuresAs } from '../features.ts';
import { factOf, float64, int32, type TabularModel, tensorOf } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { isolationGraph } from './isolation-graph.ts';
import { type IsolationTrees, meanPath, meanPaths, TreeGrower } from './isolation-trees.ts';

const constraints = {
  trees: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 100,
    scale: 'log',
    summary: 'How many trees there are.',
  },
  sample: {
    type: 'integer',
    min: 2,
    max: 100_000,
    default: 256,
    scale: 'log',
    summary: 'The rows that each tree sees; all where there are fewer.',
  },
  contamination: {
    type: 'number',
    min: 0,
    above: true,
    max: 0.5,
    default: null,
    optional: true,
    summary: 'The share of the fitted rows that is unusual; null takes scores below -0.5.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type IsolationForest = Specification<'isolationForest', Values>;

/**
 * Isolation forest (Liu, Ting and Zhou 2008): rows that random splits set apart early are unusual.
 * `scoreRows` is -2^(-mean path / c(sample)), from -1 (unusual) to 0; `predict` 1, or -1 below the
 * threshold. Rows are drawn without repeats, or with repeats by their weights where there are some.
 *
 * @example
 * const model = await fit(isolationForest({ contamination: 0.01 }), { features });
 * const usual = await scoreRows(model, features);
 */
export function isolationForest(parameters: Partial<Values> = {}): IsolationForest {
  return specify('isolationForest', constraints, parameters);
}

export const isolationForestKind: TabularKind<Values> = {
  kind: 'isolationForest',
  family: 'detection',
  roles: ['detector'],
  summary: 'Rows that random splits set apart early are unusual.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }, { trees, sample }) =>
    trees * Math.min(sample, rows) * 2 * 48 + 16 * rows + 8 * columns + 2 ** 16,
  fit: async ({ parameters }, { features, weights }, { seed = 0, signal, onProgress }) => {
    const matrix = featuresAs(features, 'dense');
    const sample = Math.min(parameters.sample, matrix.rows);
    const grower = new TreeGrower(matrix, sample);
    const draw = weights ? weightedDraw(weights) : uniformDraw(matrix.rows);
    for (let tree = 0; tree < parameters.trees; tree++) {
      throwIfCancelled(signal, 'the fit');
      const random = seededRandom(seed, tree);
      grower.grow(draw(sample, random), random);
      onProgress?.({ step: 'trees', done: tree + 1, total: parameters.trees });
    }
    const { trees } = grower;
    const nodes = trees.columns.length;
    const { contamination } = parameters;
    const scores = contamination === null ? undefined : scoresOf(trees, matrix, sample);
    const threshold = scores ? quantile(scores, contamination!) : -0.5;
    return {
      tensors: {
        starts: int32([parameters.trees + 1], trees.starts),
        columns: int32([nodes], trees.columns),
        values: float64([nodes], trees.values),
        children: int32([nodes], trees.children),
      },
      facts: { sample, threshold },
    };
  },
  tensors: (_, { trees }) => ({
    starts: { type: 'int32', shape: [trees + 1] },
    columns: { type: 'int32', shape: [-1] },
    values: { type: 'float64', shape: [-1] },
    children: { type: 'int32', shape: [-1] },
  }),
  checkModel,
  scoreRows: async (model, features) => scoreAll(model, featuresAs(features, 'dense')),
  predict: async (model, features) => {
    const threshold = factOf<number>(model, 'threshold');
    return scoreAll(model, featuresAs(features, 'dense')).map((score) =>
      score < threshold ? -1 : 1,
    );
  },
  onnx: (model) =>
    isolationGraph(
      treesOf(model),
      model.signature.columns,
      factOf<number>(model, 'sample'),
      factOf<number>(model, 'threshold'),
    ),
};

type Draw = (count: number, random: SeededRandom) => Int32Array;

/** Distinct rows, by the first steps of a shuffle of which only what moved is kept. */
function uniformDraw(rows: number): Draw {
  return (count, random) => {
    const moved = new Map<number, number>();
    return Int32Array.from({ length: count }, (_, at) => {
      const from = at + random.below(rows - at);
      const found = moved.get(from) ?? from;
      moved.set(from, moved.get(at) ?? at);
      return found;
    });
  };
}

function weightedDraw(weights: Float64Array): Draw {
  let total = 0;
  const passed = weights.map((weight) => {
    total += weight;
    return total;
  });
  return (count, random) =>
    Int32Array.from({ length: count }, () => firstAbove(passed, random.uniform() * total));
}

function firstAbove(passed: Float64Array, value: number): number {
  let [low, high] = [0, passed.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passed[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function scoresOf(trees: IsolationTrees, matrix: Matrix, sample: number): Float64Array {
  const usual = meanPath(sample);
  return meanPaths(trees, matrix).map((path) => (usual > 0 ? -(2 ** (-path / usual)) : -0.5));
}

function scoreAll(model: TabularModel, matrix: Matrix): Float64Array {
  return scoresOf(treesOf(model), matrix, factOf<number>(model, 'sample'));
}

function treesOf(model: TabularModel): IsolationTrees {
  return {
    starts: tensorOf(model, 'starts', 'int32').data,
    columns: tensorOf(model, 'columns', 'int32').data,
    values: tensorOf(model, 'values', 'float64').data,
    children: tensorOf(model, 'children', 'int32').data,
  };
}

/** The share's quantile, between two scores in proportion. */
function quantile(scores: Float64Array, share: number): number {
  const sorted = scores.slice().sort();
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const next = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return sorted[low]! + (at - low) * (next - sorted[low]!);
}

/** Children lie behind their parents, so that every walk ends. */
function checkModel(model: TabularModel): void {
  const { starts, columns, values, children } = treesOf(model);
  const nodes = columns.length;
  if (values.length !== nodes || children.length !== nodes || starts[0] !== 0) {
    throw new InvalidModel('its trees have lists of different lengths');
  }
  for (let tree = 1; tree < starts.length; tree++) {
    if (starts[tree]! <= starts[tree - 1]! || starts[tree]! > nodes) {
      throw new InvalidModel(`tree ${tree - 1} has no nodes`);
    }
  }
  for (let node = 0; node < nodes; node++) {
    const [column, child] = [columns[node]!, children[node]!];
    const split = column >= 0 && column < model.signature.columns;
    if (column !== -1 && !(split && child > node && child + 1 < nodes)) {
      throw new InvalidModel(`node ${node} leads nowhere`);
    }
  }
  const [sample, threshold] = [factOf(model, 'sample'), factOf(model, 'threshold')];
  if (!(typeof sample === 'number' && sample >= 1) || typeof threshold !== 'number') {
    throw new InvalidModel('its sample or threshold is no number');
  }
}
