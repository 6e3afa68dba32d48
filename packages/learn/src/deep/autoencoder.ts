import {
  type Expression,
  input,
  mean,
  multiplyElements,
  negate,
  type OnnxGraph,
  printGraph,
  square,
  subtract,
} from '@backlot/compute';
import type { ParametersOf } from '../constraint.ts';
import type { Examples } from '../examples.ts';
import { type Features, featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import type { TabularModel } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import { type Specification, specify } from '../specification.ts';
import type { Learned, TabularKind } from '../tabular-kind.ts';
import { columnScale, scaledRows } from './column-scale.ts';
import { deepConstraints, layersOf, trainingOf } from './deep-parameters.ts';
import { checkScale, scaledInput, scaleOf, scaleShapes, scaleTensors } from './mlp.ts';
import { bindModule, defineModule, type Module } from './module.ts';
import {
  inBatches,
  networkShapes,
  networkTensors,
  networkValues,
  runNetwork,
  runRows,
} from './network-tensors.ts';
import { trainModule } from './train-module.ts';

const own = {
  code: { type: 'integer', min: 1, max: 4096, default: 2, summary: 'Numbers of a code.' },
} as const;
const constraints = { ...own, ...deepConstraints };

type Values = ParametersOf<typeof own> & ParametersOf<typeof deepConstraints>;
export type Autoencoder = Specification<'autoencoder', Values>;

/**
 * Codes from which a second network gives the row back (Hinton and Salakhutdinov 2006): `transform` gives
 * the code, `scoreRows` minus the mean squared error of the standardised columns, so that rows unlike the
 * training ones score low. `hidden` are the layers before the code; those after it mirror them.
 *
 * @example
 * const model = await fit(autoencoder({ code: 8, hidden: [64] }), { features });
 */
export function autoencoder(parameters: Partial<Values> = {}): Autoencoder {
  return specify('autoencoder', constraints, parameters);
}

function networkOf(columns: number, parameters: Values): Module {
  const { hidden, code } = parameters;
  return defineModule({
    parts: {
      encoder: layersOf([columns, ...hidden, code], parameters),
      decoder: layersOf([code, ...hidden.toReversed(), columns], parameters),
    },
    call: ({ part }, x) => part('decoder', part('encoder', x!)),
  });
}

async function fitAutoencoder(
  { parameters }: Specification<string, Values>,
  examples: Examples,
  options: FitOptions,
): Promise<Learned> {
  const features = featuresAs(examples.features, 'dense');
  const { rows, columns } = features;
  const network = networkOf(columns, parameters);
  const module = bindModule(network);
  const scale = columnScale(features, examples.weights);
  const x = input('x', ['n', columns]);
  const each = mean(square(subtract(module.call(x), x)), [1]);
  const { weights } = examples;
  const average = weights ? weights.reduce((sum, one) => sum + one, 0) / rows : 1;
  const { parameters: values } = await trainModule({
    ...options,
    ...trainingOf(parameters, rows),
    ...{ module, name: 'autoencoder' },
    loss: mean(multiplyElements(input('weights', ['n']), each)),
    batches: {
      ...{ rows, size: parameters.batch },
      feeds: (chosen) => ({
        x: {
          ...{ type: 'float', shape: [chosen.length, columns] },
          data: scaledRows(features, scale, chosen),
        },
        weights: {
          ...{ type: 'float', shape: [chosen.length] },
          data: Float32Array.from(chosen, (row) => (weights?.[row] ?? 1) / average),
        },
      }),
    },
  });
  const none = { means: Float64Array.of(0), deviations: Float64Array.of(1) };
  return {
    outputs: parameters.code,
    tensors: { ...networkTensors(network, values), ...scaleTensors(scale, none) },
  };
}

/** The code of a standardised row, and how well it comes back. */
function outputsOf(network: Module, x: Expression): Readonly<Record<string, Expression>> {
  const module = bindModule(network);
  const code = module.part('encoder', x);
  const error = mean(square(subtract(module.part('decoder', code), x)), [1]);
  return { features_out: code, scores: negate(error) };
}

async function run(
  model: TabularModel,
  features: Features,
): Promise<{ readonly codes: Matrix; readonly scores: Float64Array }> {
  const dense = featuresAs(features, 'dense');
  const { columns } = dense;
  const parameters = model.specification.parameters as Values;
  const network = networkOf(columns, parameters);
  const graph = () => ({
    outputs: outputsOf(network, input('x', ['n', columns])),
    values: networkValues(model, network),
  });
  const width = parameters.code;
  const values = new Float64Array(dense.rows * width);
  const scores = new Float64Array(dense.rows);
  await inBatches(dense.rows, async (places, count) => {
    const data = scaledRows(dense, scaleOf(model), places);
    const found = await runNetwork(model, graph, {
      x: { type: 'float', shape: [runRows, columns], data },
    });
    const codes = (found.features_out!.data as Float32Array).subarray(0, count * width);
    values.set(codes, places[0]! * width);
    scores.set((found.scores!.data as Float32Array).subarray(0, count), places[0]!);
  });
  return { codes: { rows: dense.rows, columns: width, values }, scores };
}

function onnxOf(model: TabularModel): OnnxGraph {
  const network = networkOf(model.signature.columns, model.specification.parameters as Values);
  const outputs = outputsOf(network, scaledInput(model));
  return printGraph({ name: model.kind, outputs, values: networkValues(model, network) });
}

export const autoencoderKind: TabularKind<Values> = {
  kind: 'autoencoder',
  family: 'deep',
  roles: ['transformer', 'detector'],
  summary: 'Codes of rows from which a network gives the rows back.',
  constraints,
  accepts: ['dense'],
  missing: false,
  target: 'none',
  memory: ({ rows, columns }, { hidden, code, batch }) => {
    const sizes = [columns, ...hidden, code];
    const weights = sizes.slice(1).reduce((sum, size, at) => sum + size * (sizes[at]! + 2), 0);
    const wide = sizes.reduce((sum, size) => sum + size, 0);
    return 64 * weights + 128 * batch * wide + 16 * rows + 2 ** 20;
  },
  fit: fitAutoencoder,
  tensors: ({ columns }, parameters) => ({
    ...networkShapes(networkOf(columns, parameters)),
    ...scaleShapes(columns),
  }),
  checkModel: checkScale,
  transform: async (model, features) => (await run(model, features)).codes,
  scoreRows: async (model, features) => (await run(model, features)).scores,
  onnx: onnxOf,
};
