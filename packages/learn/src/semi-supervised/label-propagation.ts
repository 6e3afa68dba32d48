import type { ParametersOf } from '../constraint.ts';
import { classesOf } from '../examples.ts';
import { featuresAs } from '../features.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import {
  checkGraphRows,
  graphConstraints,
  graphLabelVerbs,
  graphMemory,
  learnedLabels,
} from './graph-labels.ts';
import { knownClasses, knownShares } from './known-classes.ts';
import { rowGraph } from './row-graph.ts';
import { solveLabels } from './solve-labels.ts';

type Values = ParametersOf<typeof graphConstraints>;
export type LabelPropagation = Specification<'labelPropagation', Values>;

/**
 * Label propagation (Zhu and Ghahramani 2002): known labels stay, and every other row has the mean of its
 * neighbours' labels by the weights of the graph. That fixed point, (D - W)_uu F_u = W_ul Y_l, is solved for
 * rather than walked to. The target is a class's index, or -1 where it is not known. A graph of nearest rows
 * takes any number of rows, one of all pairs (`kernel`) at most 10,000. Weights of examples are not used;
 * columns should be on one scale. Rows that no label reaches have the shares of the known classes.
 *
 * @example
 * const target = Float64Array.of(0, -1, -1, 1);
 * const model = await fit(labelPropagation({ neighbours: 2 }), { features, target });
 * const { values } = spreadLabels(model); // what the fitted rows are
 */
export function labelPropagation(parameters: Partial<Values> = {}): LabelPropagation {
  return specify('labelPropagation', graphConstraints, parameters);
}

export const labelPropagationKind: TabularKind<Values> = {
  ...graphLabelVerbs,
  kind: 'labelPropagation',
  family: 'semi-supervised',
  roles: ['classifier'],
  summary: 'Known labels spread over a graph of rows and stay as they are.',
  constraints: graphConstraints,
  accepts: ['dense'],
  missing: false,
  target: 'partial',
  memory: graphMemory,
  fit: async ({ parameters }, examples, options) => {
    const matrix = featuresAs(examples.features, 'dense');
    checkGraphRows(parameters, matrix.rows);
    const labels = knownClasses(examples);
    const width = classesOf(examples);
    const graph = await rowGraph(matrix, parameters, options);
    const fixed = new Float64Array(matrix.rows * width);
    labels.forEach((label, row) => {
      if (label >= 0) fixed[row * width + label] = 1;
    });
    const right = new Float64Array(fixed.length);
    graph.multiply(fixed, width, right, 0, matrix.rows);
    const free = Uint8Array.from(labels, (label) => (label < 0 ? 1 : 0));
    const { tolerance, maxIterations } = parameters;
    const system = { damping: 1, free, right, width, tolerance, maxIterations };
    const found = await solveLabels('labelPropagation', graph, system, options);
    const spread = found.values.map((value, at) => value + fixed[at]!);
    return learnedLabels(matrix, spread, knownShares(labels, width), found.iterations);
  },
};
