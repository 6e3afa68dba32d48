import type { ParametersOf } from '../constraint.ts';
import { InvalidExamples } from '../error.ts';
import { classesOf, type Examples } from '../examples.ts';
import { columnsOf, featuresAs } from '../features.ts';
import {
  classGraph,
  type LinearFunction,
  largestScores,
  linearOf,
  linearScores,
  linearShapes,
  linearTensors,
  marginsOf,
  softmaxRows,
} from '../linear/linear-model.ts';
import type { Specification } from '../specification.ts';
import { specify } from '../specification.ts';
import type { TabularKind } from '../tabular-kind.ts';

const constraints = {
  smoothing: {
    type: 'number',
    min: 0,
    max: 1e6,
    above: true,
    default: 1,
    scale: 'log',
    summary: 'What is added to the count of each word in each class.',
  },
} as const;

type Values = ParametersOf<typeof constraints>;
export type MultinomialNaiveBayes = Specification<'multinomialNaiveBayes', Values>;
export type ComplementNaiveBayes = Specification<'complementNaiveBayes', Values>;

/** Classes by how often words come in them (McCallum and Nigam 1998). Features are counts from 0. */
export function multinomialNaiveBayes(parameters: Partial<Values> = {}): MultinomialNaiveBayes {
  return specify('multinomialNaiveBayes', constraints, parameters);
}

/**
 * Classes by how seldom words come in all others, which unequal classes disturb less (Rennie and others
 * 2003, without their normalisation of lengths). Features are counts from 0.
 */
export function complementNaiveBayes(parameters: Partial<Values> = {}): ComplementNaiveBayes {
  return specify('complementNaiveBayes', constraints, parameters);
}

type Weigh = (counts: ClassCounts, smoothing: number) => LinearFunction;

function countKind(kind: string, summary: string, weigh: Weigh): TabularKind<Values> {
  return {
    ...{ kind, summary, constraints, family: 'linear', roles: ['classifier'], target: 'classes' },
    ...{ accepts: ['dense', 'sparse'], missing: false },
    memory: ({ classes, columns }) => 32 * (classes + 1) * (columns + 1),
    fit: async ({ parameters: { smoothing } }, examples) => ({
      tensors: linearTensors(weigh(countByClass(examples), smoothing)),
    }),
    tensors: ({ classes, columns }) => linearShapes(classes, columns),
    predict: async (model, features) =>
      largestScores(linearScores(linearOf(model), features), model.signature.classes),
    predictProbabilities: async (model, features) => {
      const { classes } = model.signature;
      const values = softmaxRows(linearScores(linearOf(model), features), classes);
      return { rows: values.length / classes, columns: classes, values };
    },
    scoreRows: async (model, features) =>
      marginsOf(linearScores(linearOf(model), features), model.signature.classes),
    onnx: (model) => classGraph(kind, linearOf(model), true),
  };
}

/** What of each word the classes' rows hold. */
export interface ClassCounts {
  readonly columns: number;
  /** The weight of each class's rows. */
  readonly rows: Float64Array;
  /** classes x columns. */
  readonly words: Float64Array;
}

/** Sums by class; throws `InvalidExamples` for a number below 0. */
export function countByClass(examples: Examples): ClassCounts {
  const { features, target, weights } = examples;
  const classes = classesOf(examples);
  const columns = columnsOf(features);
  const [rows, words] = [new Float64Array(classes), new Float64Array(classes * columns)];
  const add = (row: number, column: number, value: number): void => {
    if (value < 0) throw new InvalidExamples(`row ${row} holds ${value}; counts are from 0`);
    words[target![row]! * columns + column]! += (weights?.[row] ?? 1) * value;
  };
  for (let row = 0; row < target!.length; row++) rows[target![row]!]! += weights?.[row] ?? 1;
  if ('offsets' in features) {
    const { offsets, indices, values } = features;
    for (let row = 0; row < features.rows; row++) {
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++)
        add(row, indices[at]!, values[at]!);
    }
  } else {
    const { values } = featuresAs(features, 'dense');
    for (let at = 0; at < values.length; at++) {
      add(Math.floor(at / columns), at % columns, values[at]!);
    }
  }
  return { columns, rows, words };
}

/** The log of a class's share; one that no row was of is as good as impossible, and finite. */
export const logShare = (share: number): number => (share > 0 ? Math.log(share) : -1e300);

function byPresence({ columns, rows, words }: ClassCounts, smoothing: number): LinearFunction {
  const total = rows.reduce((sum, value) => sum + value, 0);
  const coefficients = new Float64Array(words.length);
  rows.forEach((_, k) => {
    const own = words.subarray(k * columns, (k + 1) * columns);
    const all = own.reduce((sum, value) => sum + value + smoothing, 0);
    own.forEach((value, j) => {
      coefficients[k * columns + j] = Math.log((value + smoothing) / all);
    });
  });
  return { coefficients, intercepts: rows.map((value) => logShare(value / total)) };
}

function byAbsence({ columns, rows, words }: ClassCounts, smoothing: number): LinearFunction {
  const everywhere = new Float64Array(columns);
  words.forEach((value, at) => {
    everywhere[at % columns]! += value;
  });
  const coefficients = new Float64Array(words.length);
  rows.forEach((_, k) => {
    const others = everywhere.map((value, j) => value - words[k * columns + j]! + smoothing);
    const all = others.reduce((sum, value) => sum + value, 0);
    others.forEach((value, j) => {
      coefficients[k * columns + j] = -Math.log(value / all);
    });
  });
  return { coefficients, intercepts: new Float64Array(rows.length) };
}

export const multinomialNaiveBayesKind: TabularKind<Values> = countKind(
  'multinomialNaiveBayes',
  'Classes by how often words come in them.',
  byPresence,
);

export const complementNaiveBayesKind: TabularKind<Values> = countKind(
  'complementNaiveBayes',
  'Classes by how seldom words come in all others.',
  byAbsence,
);
