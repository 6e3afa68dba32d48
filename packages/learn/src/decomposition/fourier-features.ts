import { randomStream } from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import { featuresAs } from '../features.ts';
import { float64, type TabularModel, tensorOf } from '../fitted-model.ts';
import { type Specification, specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';
import { project, projectionGraph } from './project.ts';

const constraints = {
  outputs: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 100,
    scale: 'log',
    summary: 'How many features there are; the error falls with their root.',
  },
  rate: {
    type: 'number',
    min: 0,
    above: true,
    max: 1e9,
    default: 1,
    scale: 'log',
    summary: 'How fast the kernel exp(-rate x squared distance) falls.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type FourierFeatures = Specification<'fourierFeatures', Values>;

/**
 * Random Fourier features (Rahimi and Recht 2007): inner products of the new rows are about the kernel
 * exp(-rate |x - y|^2) of the old, each within 1 / sqrt(outputs), so that linear models can bend. Only the number of
 * columns is learned; weights play no part.
 *
 * @example
 * const bent = chain(standardScaler(), fourierFeatures({ outputs: 500, rate: 0.1 }), ridge());
 */
export function fourierFeatures(parameters: Partial<Values> = {}): FourierFeatures {
  return specify('fourierFeatures', constraints, parameters);
}

export const fourierFeaturesKind: TabularKind<Values> = {
  kind: 'fourierFeatures',
  family: 'decomposition',
  roles: ['transformer'],
  summary: 'Random waves whose inner products are about a kernel.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  made: (size, { outputs }) => ({ ...size, columns: outputs, stored: size.rows * outputs }),
  memory: ({ columns }, { outputs }) => 8 * outputs * (columns + 2) + 4096,
  fit: async ({ parameters }, { features }, { seed = 0 }) => {
    const { columns } = featuresAs(features, 'dense');
    const { outputs, rate } = parameters;
    const stream = randomStream(seed, 'fourierFeatures');
    const waves = stream.child('waves').fillNormal(new Float64Array(outputs * columns));
    const phases = stream.child('phases').fillUniform(new Float64Array(outputs));
    return {
      tensors: {
        waves: float64(
          [outputs, columns],
          waves.map((value) => value * Math.sqrt(2 * rate)),
        ),
        phases: float64(
          [outputs],
          phases.map((value) => value * 2 * Math.PI),
        ),
      },
      outputs,
    };
  },
  tensors: ({ columns }, { outputs }) => ({
    waves: { type: 'float64', shape: [outputs, columns] },
    phases: { type: 'float64', shape: [outputs] },
  }),
  transform: async (model, features) => {
    const { waves, phases, origin, size } = partsOf(model);
    const out = project(featuresAs(features, 'dense'), origin, waves);
    const { columns, values } = out;
    for (let at = 0; at < values.length; at++) {
      values[at] = size * Math.cos(values[at]! + phases[at % columns]!);
    }
    return out;
  },
  onnx(model) {
    const { waves, phases, origin, size } = partsOf(model);
    const graph = projectionGraph('fourierFeatures', origin, waves);
    const renamed = graph.nodes.map((node) =>
      node.op === 'MatMul' ? { ...node, outputs: ['angles'] } : node,
    );
    return {
      ...graph,
      nodes: [
        ...renamed,
        { op: 'Add', inputs: ['angles', 'phases'], outputs: ['moved'] },
        { op: 'Cos', inputs: ['moved'], outputs: ['waved'] },
        { op: 'Mul', inputs: ['waved', 'size'], outputs: ['features_out'] },
      ],
      constants: {
        ...graph.constants,
        phases: { type: 'float', shape: [1, phases.length], data: Float32Array.from(phases) },
        size: { type: 'float', shape: [1], data: Float32Array.of(size) },
      },
    };
  },
};

interface Parts {
  readonly waves: Float64Array;
  readonly phases: Float64Array;
  readonly origin: Float64Array;
  readonly size: number;
}

function partsOf(model: TabularModel): Parts {
  const phases = tensorOf(model, 'phases', 'float64').data;
  return {
    waves: tensorOf(model, 'waves', 'float64').data,
    phases,
    origin: new Float64Array(model.signature.columns),
    size: Math.sqrt(2 / phases.length),
  };
}
