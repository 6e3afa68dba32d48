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
import { degreeOf, solveLabels } from './solve-labels.ts';

const ownConstraints = {
  spread: {
    type: 'number',
    min: 0,
    above: true,
    max: 0.9999,
    default: 0.99,
    summary: 'How much of a label comes from the neighbours rather than from what was given.',
  },
} as const;

type Values = ParametersOf<typeof graphConstraints> & ParametersOf<typeof ownConstraints>;

const constraints = { ...graphConstraints, ...ownConstraints };

export type LabelSpreading = Specification<'labelSpreading', Values>;

/**
 * Label spreading (Zhou, Bousquet, Lal, Weston and Schölkopf 2004): F = (1 - a) (I - a S)^-1 Y with
 * S = D^-1/2 W D^-1/2 and a = `spread`, each row then made to add up to 1. Known labels may change, so that
 * wrong ones do less harm than in `labelPropagation`; target, graph and limits are as there.
 *
 * @example
 * const model = await fit(labelSpreading({ graph: 'kernel', rate: 20 }), { features, target });
 */
export function labelSpreading(parameters: Partial<Values> = {}): LabelSpreading {
  return specify('labelSpreading', constraints, parameters);
}

export const labelSpreadingKind: TabularKind<Values> = {
  ...graphLabelVerbs,
  kind: 'labelSpreading',
  family: 'semi-supervised',
  roles: ['classifier'],
  summary: 'Labels spread over a graph of rows; those that were given may change too.',
  constraints,
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
    const { spread, tolerance, maxIterations } = parameters;
    const roots = Float64Array.from(labels, (_, row) => Math.sqrt(degreeOf(graph.degrees, row)));
    const right = new Float64Array(matrix.rows * width);
    labels.forEach((label, row) => {
      if (label >= 0) right[row * width + label] = (1 - spread) * roots[row]!;
    });
    const free = new Uint8Array(matrix.rows).fill(1);
    // With F = D^1/2 G the system is (D - a W) G = (1 - a) D^1/2 Y.
    const system = { damping: spread, free, right, width, tolerance, maxIterations };
    const found = await solveLabels('labelSpreading', graph, system, options);
    const values = found.values.map((value, at) => value * roots[Math.floor(at / width)]!);
    return learnedLabels(matrix, values, knownShares(labels, width), found.iterations);
  },
};
