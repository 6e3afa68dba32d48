import type { OnnxGraph } from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import { InvalidModel } from '../error.ts';
import { featuresAs } from '../features.ts';
import { float64, int32, type TabularModel, tensorOf } from '../fitted-model.ts';
import { GraphBuilder } from '../graph-builder.ts';
import type { Matrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { quantileOf, sortedColumn } from './column-statistics.ts';

const constraints = {
  bins: { type: 'integer', min: 2, max: 1000, default: 10, summary: 'The most bins of a column.' },
  edges: {
    type: 'choice',
    options: ['quantile', 'uniform'],
    default: 'quantile',
    summary: 'Whether bins hold as many training rows each, or are equally wide.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type Binner = Specification<'binner', Values>;

/**
 * The bin of each number, from 0: the count of edges at or below it. Equal edges are one. NaN stays NaN.
 */
export function binner(parameters: Partial<Values> = {}): Binner {
  return specify('binner', constraints, parameters);
}

export const binnerKind: TabularKind<Values> = {
  kind: 'binner',
  family: 'preprocessing',
  roles: ['transformer'],
  summary: 'Numbers by the bin they fall in.',
  constraints,
  accepts: ['dense'],
  missing: true,
  target: 'none',
  // A sorted copy of each column, of which those that are done may wait to be collected.
  memory: ({ rows, columns }, { bins }) => 8 * columns * (rows + bins + 1),
  fit: async ({ parameters }, { features }) => {
    const matrix = featuresAs(features, 'dense');
    const edges = Array.from({ length: matrix.columns }, (_, column) => {
      return edgesOf(matrix, column, parameters);
    });
    const offsets = new Int32Array(edges.length + 1);
    edges.forEach((own, column) => {
      offsets[column + 1] = offsets[column]! + own.length;
    });
    const all = Float64Array.from(edges.flat());
    return {
      outputs: matrix.columns,
      tensors: { edges: float64([all.length], all), offsets: int32([offsets.length], offsets) },
    };
  },
  tensors: ({ columns }) => ({
    edges: { type: 'float64', shape: [-1] },
    offsets: { type: 'int32', shape: [columns + 1] },
  }),
  checkModel: (model) => {
    const offsets = tensorOf(model, 'offsets', 'int32').data;
    const edges = tensorOf(model, 'edges', 'float64').data;
    const rises = offsets.every((offset, at) => at === 0 || offset >= offsets[at - 1]!);
    if (offsets[0] === 0 && rises && offsets.at(-1) === edges.length) return;
    throw new InvalidModel('its offsets do not span its edges');
  },
  transform: async (model, features) => {
    const { rows, columns, values } = featuresAs(features, 'dense');
    const edges = tensorOf(model, 'edges', 'float64').data;
    const offsets = tensorOf(model, 'offsets', 'int32').data;
    const found = Float64Array.from(values, (value, at) => {
      const column = at % columns;
      return binOf(edges.subarray(offsets[column], offsets[column + 1]), value);
    });
    return { rows, columns, values: found };
  },
  onnx: binnerGraph,
};

/** Edges are compared in doubles, as they are here. */
function binnerGraph(model: TabularModel): OnnxGraph {
  const { columns } = model.signature;
  const edges = tensorOf(model, 'edges', 'float64').data;
  const offsets = tensorOf(model, 'offsets', 'int32').data;
  const own = Array.from({ length: columns }, (_, column) =>
    edges.subarray(offsets[column], offsets[column + 1]),
  );
  const most = Math.max(1, ...own.map(({ length }) => length));
  // Places that a column does not fill are edges that nothing reaches.
  const padded = own.flatMap((one) => [...one, ...Array(most - one.length).fill(Infinity)]);
  const builder = new GraphBuilder(columns);
  const last = builder.integers([1], [2]);
  const x = builder.node('Unsqueeze', [builder.cast('features', 'double'), last]);
  const passed = builder.node('GreaterOrEqual', [x, builder.doubles([columns, most], padded)]);
  const counts = builder.node('ReduceSum', [builder.cast(passed, 'float'), last], {
    keepdims: { int: 0 },
  });
  const missing = builder.node('IsNaN', ['features']);
  const from = builder.node('Where', [missing, 'features', counts]);
  return builder.finish('binner', [
    { name: 'features_out', type: 'float', shape: ['rows', columns], from },
  ]);
}

function edgesOf(matrix: Matrix, column: number, { bins, edges }: Values): number[] {
  const sorted = sortedColumn(matrix, column);
  if (sorted.length === 0) return [];
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const found = Array.from({ length: bins - 1 }, (_, at) => {
    const share = (at + 1) / bins;
    return edges === 'quantile' ? quantileOf(sorted, share) : low + share * (high - low);
  });
  // An edge at the least value would leave the first bin empty.
  return [...new Set(found)].filter((edge) => edge > low);
}

function binOf(edges: Float64Array, value: number): number {
  if (Number.isNaN(value)) return value;
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
