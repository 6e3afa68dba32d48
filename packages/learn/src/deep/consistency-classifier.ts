import {
  add,
  crossEntropy,
  type Expression,
  greater,
  input,
  logSoftmax,
  maximum,
  mean,
  multiplyElements,
  negate,
  type OnnxTensor,
  scalar,
  softmax,
  stopGradient,
  subtract,
  sum,
  where,
} from '@backlot/compute';
import { type SeededRandom, seededRandom } from '@backlot/core';
import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import { classesOf, type Examples } from '../examples.ts';
import { featuresAs } from '../features.ts';
import type { FitOptions } from '../fit-options.ts';
import { type Specification, specify } from '../specification.ts';
import type { Learned, TabularKind } from '../tabular-kind.ts';
import { columnScale, scaledRows } from './column-scale.ts';
import { deepConstraints, trainingOf } from './deep-parameters.ts';
import { mlpClassifierKind, scaleTensors, tableNetwork } from './mlp.ts';
import { type BoundModule, bindModule } from './module.ts';
import { networkTensors } from './network-tensors.ts';
import { trainModule } from './train-module.ts';

const own = {
  confidence: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.9,
    summary: 'How sure the network must be of a row before it learns from its own answer.',
  },
  unlabelledWeight: {
    type: 'number',
    min: 0,
    max: 100,
    default: 1,
    summary: 'How much rows without a class count beside those with one.',
  },
  noise: {
    type: 'number',
    min: 0,
    max: 10,
    default: 0.3,
    summary:
      'The deviation of what is added to standardised columns; a tenth of it for the answer.',
  },
  replaced: {
    type: 'number',
    min: 0,
    max: 0.9,
    default: 0.15,
    summary: 'The share of columns that are taken from another row.',
  },
} as const;
const constraints = { ...own, ...deepConstraints };

type Values = ParametersOf<typeof own> & ParametersOf<typeof deepConstraints>;
export type ConsistencyClassifier = Specification<'consistencyClassifier', Values>;

/**
 * Classes of which few are known (-1 elsewhere): what the network is sure of for a row that is hardly
 * changed is what it must say for the row with noise, columns of other rows and dropout (Sohn et al. 2020,
 * FixMatch, for tables). With `confidence` 1 or `unlabelledWeight` 0 it learns from known classes alone.
 *
 * @example
 * const model = await fit(consistencyClassifier(), { features, target: partlyKnown });
 */
export function consistencyClassifier(parameters: Partial<Values> = {}): ConsistencyClassifier {
  return specify('consistencyClassifier', constraints, parameters);
}

function lossOf(
  module: BoundModule,
  columns: number,
  { confidence, unlabelledWeight }: Values,
): Expression {
  const known = module.call(input('known', ['m', columns]));
  const labelled = mean(
    multiplyElements(
      input('knownWeights', ['m']),
      crossEntropy(known, input('classes', ['m'], 'int64')),
    ),
  );
  const answers = stopGradient(softmax(module.call(input('weak', ['n', columns]))));
  const most = maximum(answers, [1], true);
  const one = scalar(1, answers);
  // The likeliest class: equal ones share, which floats hardly ever are.
  const likeliest = where(greater(answers, subtract(most, 1e-7)), one, 0);
  const sure = where(greater(most, confidence), one, 0);
  const said = logSoftmax(module.call(input('strong', ['n', columns])));
  const each = negate(sum(multiplyElements(multiplyElements(likeliest, sure), said), [1]));
  const weighted = mean(multiplyElements(input('weights', ['n']), each));
  return add(labelled, multiplyElements(weighted, unlabelledWeight));
}

async function fitConsistency(
  { parameters }: Specification<string, Values>,
  examples: Examples,
  options: FitOptions,
): Promise<Learned> {
  const features = featuresAs(examples.features, 'dense');
  const { columns } = features;
  const classes = classesOf(examples);
  const network = tableNetwork(columns, classes, parameters);
  const module = bindModule(network);
  const scale = columnScale(features, examples.weights);
  const known = Int32Array.from(examples.target!.keys()).filter(
    (row) => examples.target![row]! >= 0,
  );
  if (known.length === 0) throw new InvalidExamples('no row has a class that is known');
  const { parameters: values } = await trainModule({
    ...options,
    ...trainingOf(parameters, features.rows),
    ...{ module, loss: lossOf(module, columns, parameters), name: 'consistencyClassifier' },
    batches: {
      ...{ rows: features.rows, size: parameters.batch },
      feeds: (rows, step) => {
        const random = seededRandom(options.seed ?? 0, 2_000_003 + step);
        const plain = scaledRows(features, scale, rows);
        const drawn = Int32Array.from(rows, () => known[random.below(known.length)]!);
        const target = BigInt64Array.from(drawn, (row) => BigInt(examples.target![row]!));
        const labelled = scaledRows(features, scale, drawn);
        const { noise } = parameters;
        const none = { ...parameters, replaced: 0, noise: noise / 10 };
        const shape = [rows.length, columns];
        const table = (data: Float32Array): OnnxTensor => ({ type: 'float', shape, data });
        return {
          known: table(changed(labelled, columns, none, random)),
          classes: { type: 'int64', shape: [rows.length], data: target },
          weak: table(changed(plain, columns, none, random)),
          strong: table(changed(plain, columns, parameters, random)),
          knownWeights: weightsOf(examples, drawn),
          weights: weightsOf(examples, rows),
        };
      },
    },
  });
  const none = { means: Float64Array.of(0), deviations: Float64Array.of(1) };
  return { tensors: { ...networkTensors(network, values), ...scaleTensors(scale, none) } };
}

function weightsOf({ weights, target }: Examples, rows: Int32Array): OnnxTensor {
  const average = weights ? weights.reduce((sum, one) => sum + one, 0) / target!.length : 1;
  const data = Float32Array.from(rows, (row) => (weights?.[row] ?? 1) / average);
  return { type: 'float', shape: [rows.length], data };
}

/** With noise, and some columns of another row of the batch. */
function changed(
  plain: Float32Array,
  columns: number,
  { noise, replaced }: Pick<Values, 'noise' | 'replaced'>,
  random: SeededRandom,
): Float32Array {
  const rows = plain.length / columns;
  return plain.map((value, at) => {
    const other = replaced > 0 && random.uniform() < replaced;
    const base = other ? plain[random.below(rows) * columns + (at % columns)]! : value;
    return base + noise * random.normal();
  });
}

/** The fitted network is one of full layers, and answers as that does. */
export const consistencyClassifierKind: TabularKind<Values> = {
  ...(mlpClassifierKind as unknown as TabularKind<Values>),
  kind: 'consistencyClassifier',
  family: 'semi-supervised',
  summary: 'A network that learns from its own sure answers where no class is known.',
  constraints,
  target: 'partial',
  memory: (size, parameters, parts) => 4 * mlpClassifierKind.memory(size, parameters, parts),
  fit: fitConsistency,
};
