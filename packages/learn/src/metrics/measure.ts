import { InvalidArgument } from '../error.ts';
import type { TabularModel } from '../fitted-model.ts';
import type { Matrix } from '../matrix.ts';
import {
  accuracy,
  balancedAccuracy,
  brierDistances,
  brierScore,
  logLoss,
  logLosses,
  macroF1,
} from './classification.ts';
import { averagePrecision, macroAuc, orderByScore, rocAuc } from './curves.ts';
import { groupNdcg } from './ranking.ts';
import {
  gammaDeviance,
  meanAbsoluteError,
  meanSquaredError,
  poissonDeviance,
  r2,
  rootMeanSquaredError,
} from './regression.ts';
import { weightedMean } from './weighted.ts';

/** What a model said of rows, beside what was so. */
export interface Answers {
  readonly target: Float64Array;
  readonly prediction: Float64Array;
  /** Rows x classes, where the model has them. */
  readonly probabilities?: Matrix;
  /** 0 when the target is no class. */
  readonly classes: number;
  readonly weights?: Float64Array;
  /** Rows of each query. */
  readonly groups?: Int32Array;
}

/** A measure by name, as searches and reports use it. */
export interface Measure {
  readonly name: MeasureName;
  readonly higherIsBetter: boolean;
  /** The measure of all rows; throws `InvalidArgument` where it is not defined for them. */
  of(answers: Answers): number;
  /** The same as a function of the rows' weights, where most of the work does not depend on them. */
  readonly byWeights?: (answers: Answers) => (weights: Float64Array) => number;
}

/** The names that searches and reports know measures by. */
export const measureNames = [
  'accuracy',
  'averagePrecision',
  'balancedAccuracy',
  'brierScore',
  'gammaDeviance',
  'logLoss',
  'macroF1',
  'meanAbsoluteError',
  'meanSquaredError',
  'ndcg@10',
  'poissonDeviance',
  'r2',
  'rocAuc',
  'rootMeanSquaredError',
] as const;

export type MeasureName = (typeof measureNames)[number];

type OfNumbers = (target: Float64Array, predicted: Float64Array, weights?: Float64Array) => number;

const lower = (name: MeasureName, of: OfNumbers): Measure => ({
  ...{ name, higherIsBetter: false },
  of: ({ target, prediction, weights }) => of(target, prediction, weights),
});

const all: readonly Measure[] = [
  { ...lower('accuracy', accuracy), higherIsBetter: true },
  { ...lower('r2', r2), higherIsBetter: true },
  lower('gammaDeviance', gammaDeviance),
  lower('poissonDeviance', poissonDeviance),
  lower('meanAbsoluteError', meanAbsoluteError),
  lower('meanSquaredError', meanSquaredError),
  lower('rootMeanSquaredError', rootMeanSquaredError),
  {
    ...{ name: 'balancedAccuracy', higherIsBetter: true },
    of: ({ target, prediction, classes, weights }) =>
      balancedAccuracy(target, prediction, classes, weights),
  },
  {
    ...{ name: 'macroF1', higherIsBetter: true },
    of: ({ target, prediction, classes, weights }) => macroF1(target, prediction, classes, weights),
  },
  {
    ...{ name: 'logLoss', higherIsBetter: false },
    of: (answers) => logLoss(answers.target, probabilitiesOf(answers), answers.weights),
    byWeights: (answers) => meanOf(logLosses(answers.target, probabilitiesOf(answers))),
  },
  {
    ...{ name: 'brierScore', higherIsBetter: false },
    of: (answers) => brierScore(answers.target, probabilitiesOf(answers), answers.weights),
    byWeights: (answers) => meanOf(brierDistances(answers.target, probabilitiesOf(answers))),
  },
  {
    ...{ name: 'rocAuc', higherIsBetter: true },
    of: (answers) =>
      answers.classes > 2
        ? macroAuc(answers.target, probabilitiesOf(answers), answers.weights)
        : rocAuc(answers.target, positiveScores(answers), answers.weights),
    byWeights: (answers) => {
      if (answers.classes > 2) {
        const probabilities = probabilitiesOf(answers);
        return (weights) => macroAuc(answers.target, probabilities, weights);
      }
      const scores = positiveScores(answers);
      const order = orderByScore(scores);
      return (weights) => rocAuc(answers.target, scores, weights, order);
    },
  },
  {
    ...{ name: 'averagePrecision', higherIsBetter: true },
    of: (answers) => averagePrecision(answers.target, positiveScores(answers), answers.weights),
    byWeights: (answers) => {
      const scores = positiveScores(answers);
      const order = orderByScore(scores);
      return (weights) => averagePrecision(answers.target, scores, weights, order);
    },
  },
  { name: 'ndcg@10', higherIsBetter: true, of: meanNdcg },
];

const byName: ReadonlyMap<string, Measure> = new Map(all.map((one) => [one.name, one]));

/** The measure of a name; throws `InvalidArgument`. */
export function measureOf(name: string): Measure {
  const found = byName.get(name);
  if (found) return found;
  throw new InvalidArgument('measure', `is ${name}; there are ${[...byName.keys()].join(', ')}`);
}

/** What is measured of a model when nothing is asked for. */
export function usualMeasures({ signature }: TabularModel): readonly MeasureName[] {
  if (signature.classes === 0) return ['rootMeanSquaredError', 'meanAbsoluteError', 'r2'];
  if (signature.classes === 2) return ['accuracy', 'rocAuc', 'logLoss', 'brierScore'];
  return ['accuracy', 'macroF1', 'logLoss'];
}

/** The weighted mean of what each row loses. */
function meanOf(losses: Float64Array): (weights: Float64Array) => number {
  return (weights) => weightedMean(losses, losses, weights, (_, loss) => loss);
}

function probabilitiesOf({ probabilities }: Answers): Matrix {
  if (probabilities) return probabilities;
  throw new InvalidArgument('measure', 'needs probabilities, which the model does not give');
}

/** How much each row looks like class 1: its probability, or the prediction where there is none. */
function positiveScores({ probabilities, prediction }: Answers): Float64Array {
  if (!probabilities) return prediction;
  const { columns, values } = probabilities;
  return Float64Array.from(prediction, (_, row) => values[row * columns + 1]!);
}

/** A group's first weight counts for its whole group. */
function meanNdcg({ target, prediction, groups, weights }: Answers): number {
  if (!groups) throw new InvalidArgument('groups', 'are absent; ndcg is by group');
  const found = groupNdcg({ target, scores: prediction, groups }, 10);
  let [sum, total, start] = [0, 0, 0];
  found.forEach((value, group) => {
    const weight = weights?.[start] ?? 1;
    sum += weight * value;
    total += weight;
    start += groups[group]!;
  });
  return sum / total;
}
