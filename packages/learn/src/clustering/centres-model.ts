import type { OnnxGraph } from '@backlot/compute';
import { featuresAs } from '../features.ts';
import { float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import type { Learned, TabularKind } from '../tabular-kind.ts';
import type { Centres } from './fit-lloyd.ts';
import { centreDistances, nearestCentres } from './nearest-centre.ts';

/** What is learned when rows are labelled by their nearest centre. */
export function learnedCentres({ centres, inertia, rounds }: Centres, columns: number): Learned {
  const count = centres.length / columns;
  return {
    tensors: { centres: float64([count, columns], centres) },
    facts: { inertia, rounds },
    outputs: count,
  };
}

/** What kinds of nearest centres share: a row's cluster is that of its nearest centre. */
export const nearestCentreVerbs: Pick<
  TabularKind<{ readonly clusters: number }>,
  'tensors' | 'predict' | 'transform' | 'onnx'
> = {
  tensors: ({ columns }, { clusters }) => ({
    centres: { type: 'float64', shape: [clusters, columns] },
  }),
  predict: async (model, features) =>
    nearestCentres(featuresAs(features, 'dense'), tensorOf(model, 'centres', 'float64').data),
  transform: async (model, features) =>
    centreDistances(featuresAs(features, 'dense'), tensorOf(model, 'centres', 'float64').data),
  onnx: nearestCentreGraph,
};

/** Differences are taken one by one, so that floats lose no digits to the expansion of the square. */
function nearestCentreGraph(model: TabularModel): OnnxGraph {
  const { data, shape } = tensorOf(model, 'centres', 'float64');
  const [clusters, columns] = shape as [number, number];
  const constants: OnnxGraph['constants'] = {
    centres: { type: 'float', shape: [1, clusters, columns], data: Float32Array.from(data) },
    middle: { type: 'int64', shape: [1], data: BigInt64Array.of(1n) },
    last: { type: 'int64', shape: [1], data: BigInt64Array.of(2n) },
  };
  return {
    name: model.kind,
    inputs: [{ name: 'features', type: 'float', shape: ['rows', columns] }],
    outputs: [
      { name: 'prediction', type: 'int64', shape: ['rows'] },
      { name: 'features_out', type: 'float', shape: ['rows', clusters] },
    ],
    nodes: [
      { op: 'Unsqueeze', inputs: ['features', 'middle'], outputs: ['spread'] },
      { op: 'Sub', inputs: ['spread', 'centres'], outputs: ['differences'] },
      {
        op: 'ReduceL2',
        inputs: ['differences', 'last'],
        outputs: ['features_out'],
        attributes: { keepdims: { int: 0 } },
      },
      {
        op: 'ArgMin',
        inputs: ['features_out'],
        outputs: ['prediction'],
        attributes: { axis: { int: 1 }, keepdims: { int: 0 } },
      },
    ],
    constants,
  };
}
