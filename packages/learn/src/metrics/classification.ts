import { InvalidArgument } from '../error.ts';
import type { Matrix } from '../matrix.ts';
import { type Column, weightedMean, weightOf } from './weighted.ts';

/** The share of rows whose class was named. */
export function accuracy(target: Column, predicted: Column, weights?: Column): number {
  return weightedMean(target, predicted, weights, (y, p) => (y === p ? 1 : 0));
}

/** Classes x classes: the weight of rows of class i that were taken for class j. */
export function confusionMatrix(
  target: Column,
  predicted: Column,
  classes: number,
  weights?: Column,
): Matrix {
  const weight = weightOf(target, predicted, weights);
  const values = new Float64Array(classes * classes);
  for (let row = 0; row < target.length; row++) {
    const [y, p] = [target[row]!, predicted[row]!];
    if (!(y >= 0 && y < classes && p >= 0 && p < classes)) {
      throw new InvalidArgument('classes', `is ${classes}, but row ${row} is of ${y} and ${p}`);
    }
    values[y * classes + p]! += weight(row);
  }
  return { rows: classes, columns: classes, values };
}

/** Measures of one class against the rest; 0 where nothing was named or nothing was there. */
export interface ClassScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** The weight of the rows of the class. */
  readonly support: number;
}

/** Precision, recall and F1 of each class. */
export function classScores(
  target: Column,
  predicted: Column,
  classes: number,
  weights?: Column,
): readonly ClassScores[] {
  const { values } = confusionMatrix(target, predicted, classes, weights);
  return Array.from({ length: classes }, (_, label) => {
    let [named, support] = [0, 0];
    for (let other = 0; other < classes; other++) {
      named += values[other * classes + label]!;
      support += values[label * classes + other]!;
    }
    const hits = values[label * classes + label]!;
    const ratio = (whole: number): number => (whole > 0 ? hits / whole : 0);
    return {
      precision: ratio(named),
      recall: ratio(support),
      f1: named + support > 0 ? (2 * hits) / (named + support) : 0,
      support,
    };
  });
}

/** The mean of F1 over classes, each counting the same. */
export function macroF1(
  target: Column,
  predicted: Column,
  classes: number,
  weights?: Column,
): number {
  const scores = classScores(target, predicted, classes, weights);
  return scores.reduce((sum, { f1 }) => sum + f1, 0) / classes;
}

/** The mean of recall over the classes that the target has. */
export function balancedAccuracy(
  target: Column,
  predicted: Column,
  classes: number,
  weights?: Column,
): number {
  const present = classScores(target, predicted, classes, weights).filter(
    ({ support }) => support > 0,
  );
  return present.reduce((sum, { recall }) => sum + recall, 0) / present.length;
}

/** The correlation of target and prediction over all classes (Gorodkin 2004); 0 where undefined. */
export function matthewsCorrelation(
  target: Column,
  predicted: Column,
  classes: number,
  weights?: Column,
): number {
  const { values } = confusionMatrix(target, predicted, classes, weights);
  const [actual, named] = [new Float64Array(classes), new Float64Array(classes)];
  let [hits, total] = [0, 0];
  values.forEach((value, at) => {
    const [y, p] = [Math.floor(at / classes), at % classes];
    actual[y]! += value;
    named[p]! += value;
    total += value;
    if (y === p) hits += value;
  });
  const dot = (a: Float64Array, b: Float64Array): number =>
    a.reduce((sum, value, at) => sum + value * b[at]!, 0);
  const spread = (total ** 2 - dot(named, named)) * (total ** 2 - dot(actual, actual));
  return spread > 0 ? (hits * total - dot(actual, named)) / Math.sqrt(spread) : 0;
}

const least = 2.220446049250313e-16;

/** Minus the mean log probability of the class that was there; probabilities are kept off 0 by 2^-52. */
export function logLoss(target: Column, probabilities: Matrix, weights?: Column): number {
  return weightedMean(target, logLosses(target, probabilities), weights, (_, loss) => loss);
}

/** By row, minus the logarithm of the probability of the class that was there. */
export function logLosses(target: Column, { columns, values }: Matrix): Float64Array {
  return Float64Array.from(target, (y, row) => {
    return -Math.log(Math.min(Math.max(values[row * columns + y]!, least), 1));
  });
}

/** The mean squared distance of probabilities to the class that was there, summed over classes. */
export function brierScore(target: Column, probabilities: Matrix, weights?: Column): number {
  const distances = brierDistances(target, probabilities);
  return weightedMean(target, distances, weights, (_, distance) => distance);
}

/** By row, the squared distance of probabilities to the class that was there. */
export function brierDistances(target: Column, { columns, values }: Matrix): Float64Array {
  return Float64Array.from(target, (y, row) => {
    let sum = 0;
    for (let label = 0; label < columns; label++) {
      sum += (values[row * columns + label]! - (label === y ? 1 : 0)) ** 2;
    }
    return sum;
  });
}
