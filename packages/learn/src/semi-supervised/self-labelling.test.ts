import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { build } from '../../../compute/build.ts';
import {
  accuracy,
  coTraining,
  type Examples,
  fit,
  gaussianNaiveBayes,
  leastSquares,
  logisticRegression,
  matrixFromRows,
  predict,
  predictProbabilities,
  type Specification,
  selfTraining,
} from '../index.ts';
import { classExamples, normalSource } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';
import { partialExamples } from './partial-examples.fixture.ts';

before(build);

const views = [
  { columns: ['0', '1'], estimator: gaussianNaiveBayes() },
  { columns: ['2', '3'], estimator: gaussianNaiveBayes() },
];

for (const specification of [
  selfTraining({ estimator: gaussianNaiveBayes(), threshold: 0.9 }),
  coTraining({ views, most: 8, rounds: 4 }),
]) {
  tabularLaws({
    ...{ specification, examples: partialExamples(3) },
    ...{ verbs: ['predict', 'predictProbabilities'], rowOrder: 1e-6, onnx: 1e-5 },
  });
}

test('self-training adds the rows that scikit-learn adds, in the same rounds', async () => {
  const classes = Array.from({ length: 60 }, (_, i) => i % 2);
  const features = matrixFromRows(
    classes.map((c, i) => [3 * c + 2 * Math.sin(12.9898 * i), Math.cos(78.233 * i) * 1.5 + c]),
  );
  const target = Float64Array.from(classes, (c, i) => (i < 8 ? c : -1));
  const estimator = gaussianNaiveBayes({ smoothing: 1e-9 });
  const model = await fit(selfTraining({ estimator, threshold: 0.95 }), { features, target });
  // scikit-learn 1.9.1: SelfTrainingClassifier(GaussianNB(), threshold=0.95), labeled_iter_, transduction_ and
  // predict_proba, printed with 12 digits.
  const late = new Map([
    [15, -1],
    [23, 2],
    [29, 2],
    [37, -1],
    [59, 2],
  ]);
  const rounds = classes.map((_, i) => late.get(i) ?? (i < 8 ? 0 : 1));
  assert.deepEqual([...model.tensors.rounds!.data], rounds);
  const ones = [1, 3, 5, 7, 17, 19, 21, 31, 33, 35, 45, 47, 49, 51];
  const labels = classes.map((_, i) => (rounds[i] === -1 ? -1 : Number(ones.includes(i))));
  assert.deepEqual([...model.tensors.labels!.data], labels);
  const strangers = matrixFromRows([
    [1.5, 0.5],
    [2, -1],
  ]);
  const { values } = await predictProbabilities(model, strangers);
  assert.ok(Math.abs(values[1]! - 0.000003036802) < 1e-11, String(values[1]));
  assert.ok(Math.abs(values[3]! - 0.000080947331) < 1e-11, String(values[3]));
});

/** Two clouds in six numbers, and the same with few known. */
function clouds(seed: number, rows: number, known: number): { all: Examples; few: Examples } {
  const normal = normalSource(seed);
  const labels = Float64Array.from({ length: rows }, (_, row) => row % 2);
  const features = matrixFromRows(
    Array.from(labels, (label) => Array.from({ length: 6 }, () => normal() + 1.3 * label)),
  );
  const target = labels.map((label, row) => (row < known ? label : -1));
  return { all: { features, target: labels }, few: { features, target } };
}

test('on clouds of few labels self-training is better than the labels alone, over seeds', async () => {
  const estimator = gaussianNaiveBayes();
  let [alone, trained] = [0, 0];
  for (const seed of [1, 2, 3, 4, 5]) {
    const { few } = clouds(seed, 400, 10);
    const { all: fresh } = clouds(seed + 100, 1000, 0);
    const features = { ...few.features, rows: 10 } as Extract<
      Examples['features'],
      { columns: number }
    >;
    const labelled = {
      features: { ...features, values: features.values.slice(0, 60) },
      target: few.target!.slice(0, 10),
    };
    const score = async (specification: Specification, examples: Examples): Promise<number> =>
      accuracy(fresh.target!, await predict(await fit(specification, examples), fresh.features));
    alone += (await score(estimator, labelled)) / 5;
    trained += (await score(selfTraining({ estimator, threshold: 0.9 }), few)) / 5;
  }
  assert.ok(trained > alone + 0.01, `${trained} after ${alone}`);
});

test('rounds, most and balanced bound what is added', async () => {
  const examples = partialExamples(5);
  const added = async (parameters: Parameters<typeof selfTraining>[0]): Promise<number[]> => {
    const specification = selfTraining({ estimator: gaussianNaiveBayes(), ...parameters });
    const rounds = Array.from((await fit(specification, examples)).tensors.rounds!.data);
    const last = Math.max(...rounds);
    return Array.from(
      { length: last + 1 },
      (_, round) => rounds.filter((one) => one === round).length,
    );
  };
  assert.deepEqual(await added({ most: 7, rounds: 3 }), [30, 7, 7, 7]);
  assert.deepEqual(await added({ threshold: 0, rounds: 5 }), [30, 120]);
  // Known: 10 rows of each class; a round of 9 takes 3 of each.
  const specification = selfTraining({
    ...{ estimator: gaussianNaiveBayes(), most: 9, rounds: 1, balanced: true, threshold: 0 },
  });
  const { labels, rounds } = (await fit(specification, examples)).tensors;
  const counts = [0, 0, 0];
  labels!.data.forEach((label, row) => {
    if (rounds!.data[row] === 1) counts[label]!++;
  });
  assert.deepEqual(counts, [3, 3, 3]);
});

test('co-training of two independent views is better than either view and both with few labels', async () => {
  let [alone, trained] = [0, 0];
  for (const seed of [1, 2, 3, 4, 5]) {
    const { few } = clouds(seed + 20, 600, 8);
    const { all: fresh } = clouds(seed + 200, 1000, 0);
    const halves = [
      ['0', '1', '2'],
      ['3', '4', '5'],
    ].map((columns) => ({ columns, estimator: gaussianNaiveBayes() }));
    const score = async (rounds: number): Promise<number> => {
      // One round of one row is next to none: what the labels alone say of both views.
      const specification = coTraining({ views: halves, rounds, most: rounds === 1 ? 1 : 20 });
      return accuracy(fresh.target!, await predict(await fit(specification, few), fresh.features));
    };
    alone += (await score(1)) / 5;
    trained += (await score(15)) / 5;
  }
  assert.ok(trained > alone + 0.01, `${trained} after ${alone}`);
});

test('co-training draws its pool by the seed, and knows a frame by its names', async () => {
  const random = seededRandom(8);
  const { target } = partialExamples(6, 90);
  const { target: truth } = classExamples(6, 3, 90);
  const noisy = (label: number): number => label + 0.3 * random.normal();
  const field = (name: string) => ({ name, numbers: truth!.map(noisy) });
  const examples: Examples = {
    features: { rows: 90, fields: [field('a'), field('b'), field('unused')] },
    target: target!,
    classes: ['x', 'y', 'z'],
  };
  const named = ['a', 'b'].map((name) => ({ columns: [name], estimator: gaussianNaiveBayes() }));
  const specification = coTraining({ views: named, pool: 20, most: 3, rounds: 3 });
  const model = await fit(specification, examples, { seed: 1 });
  const other = await fit(specification, examples, { seed: 2 });
  assert.notDeepEqual(model.tensors.rounds, other.tensors.rounds);
  assert.ok(accuracy(truth!, await predict(model, examples.features)) > 0.9);
});

test('parts that are no classifiers, and views that are not two, are refused', async () => {
  const examples = partialExamples(7);
  const wrong = [
    selfTraining({ estimator: leastSquares() }),
    coTraining({ views: views.slice(1) }),
    coTraining({ views: [views[0]!, { columns: ['2'], estimator: leastSquares() }] }),
  ];
  for (const one of wrong) await assert.rejects(fit(one, examples), { code: 'E-LEARN-003' });
  const none = { ...examples, target: new Float64Array(150).fill(-1), classes: ['a', 'b'] };
  const estimator = logisticRegression();
  await assert.rejects(fit(selfTraining({ estimator }), none), { code: 'E-LEARN-007' });
});
