import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import {
  calibratedClassifier,
  chooseThreshold,
  conformalIntervals,
  conformalMargin,
  conformalQuantiles,
  conformalSets,
  constant,
  fit,
  fitIsotonic,
  fitPlatt,
  gaussianNaiveBayes,
  isotonicAt,
  plattAt,
  predictProbabilities,
} from '../index.ts';
import { classExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

for (const method of ['isotonic', 'sigmoid'] as const) {
  tabularLaws({
    specification: calibratedClassifier({ estimator: constant({ predicts: 'classes' }), method }),
    examples: classExamples(1),
    verbs: ['predict', 'predictProbabilities'],
    rowOrder: { seeded: 'folds are dealt by the order of rows' },
    ...{ missing: true, onnx: 1e-6 },
  });
  tabularLaws({
    specification: calibratedClassifier({ estimator: gaussianNaiveBayes(), method }),
    examples: classExamples(1),
    verbs: ['predict', 'predictProbabilities'],
    rowOrder: { seeded: 'folds are dealt by the order of rows' },
    // The classifier's probabilities come as floats to curves that rise a hundredfold.
    onnx: 1e-4,
  });
}

const near = (found: number, expected: number, tolerance = 1e-8): void =>
  assert.ok(Math.abs(found - expected) < tolerance, `${found}, expected ${expected}`);

test('the rising function is that of scikit-learn', () => {
  const places = [0.1, 0.4, 0.35, 0.8, 0.7, 0.4, 0.9, 0.2, 0.6, 0.65];
  const target = [0, 1, 0, 1, 0, 1, 1, 0, 1, 0];
  const weights = [1, 2, 1, 1, 0.5, 1, 3, 1, 1, 2];
  const curve = fitIsotonic(places, target, weights);
  // scikit-learn 1.9.1, IsotonicRegression with clipping.
  const expected = [0, 0, 0, 8 / 13, 8 / 13, 8 / 13, 8 / 13, 0.8076923076923077, 1];
  [0, 0.15, 0.3, 0.4, 0.5, 0.62, 0.68, 0.75, 0.95].forEach((place, at) => {
    near(isotonicAt(curve, place), expected[at]!, 1e-12);
  });
});

test('no rising function is nearer than the one found', () => {
  const random = seededRandom(3);
  for (let round = 0; round < 30; round++) {
    const target = Array.from({ length: 5 }, () => random.below(4));
    const curve = fitIsotonic([0, 1, 2, 3, 4], target);
    const loss = (values: readonly number[]): number =>
      values.reduce((sum, value, at) => sum + (value - target[at]!) ** 2, 0);
    const found = [0, 1, 2, 3, 4].map((place) => isotonicAt(curve, place));
    assert.ok(found.every((value, at) => at === 0 || value >= found[at - 1]! - 1e-15));
    for (let trial = 0; trial < 200; trial++) {
      const other = Array.from({ length: 5 }, () => 3 * random.uniform()).sort((a, b) => a - b);
      assert.ok(loss(other) >= loss(found) - 1e-12);
    }
  }
});

test('the logistic curve is that of scikit-learn, and finite where scores separate', () => {
  const scores = [-2, -1, -0.5, 0, 0.3, 0.8, 1, 1.5, 2, 3];
  const { slope, offset } = fitPlatt(scores, [0, 0, 1, 0, 0, 1, 0, 1, 1, 1]);
  // scikit-learn 1.9.1 stops its optimiser about 1e-6 from the optimum.
  near(slope, 0.7363932729433837, 1e-5);
  near(offset, -0.37720038759103075, 1e-5);
  const apart = fitPlatt([-1, -1, 1, 1], [0, 0, 1, 1]);
  near(plattAt(apart, 1), 0.75);
  near(plattAt(apart, -1), 0.25);
});

test('a constant that is already right stays as it is', async () => {
  const { features } = classExamples(2, 2, 100);
  const target = new Float64Array(100).map((_, row) => (row % 5 === 0 ? 1 : 0));
  const estimator = constant({ predicts: 'classes' });
  const model = await fit(calibratedClassifier({ estimator }), { features, target });
  const { values } = await predictProbabilities(model, features);
  near(values[1]!, 0.2);
});

test('thresholds make best what they are asked to', () => {
  const target = [0, 0, 1, 0, 1, 1, 0, 1];
  const scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
  const all = [Infinity, ...scores];
  const measure = (threshold: number) => {
    const called = scores.map((score) => score >= threshold);
    const count = (label: number) => called.filter((one, at) => one && target[at] === label).length;
    const [found, wrong] = [count(1), count(0)];
    return {
      f1: (2 * found) / (found + wrong + 4),
      accuracy: (found + 4 - wrong) / 8,
      balancedAccuracy: (found / 4 + 1 - wrong / 4) / 2,
      cost: -(wrong * 3 + (4 - found)),
    };
  };
  for (const kind of ['f1', 'accuracy', 'balancedAccuracy', 'cost'] as const) {
    const aim = kind === 'cost' ? { kind, falsePositive: 3, falseNegative: 1 } : { kind };
    const { threshold, value } = chooseThreshold(target, scores, aim);
    near(value, Math.max(...all.map((one) => measure(one)[kind])));
    near(measure(threshold)[kind], value);
  }
  const { threshold } = chooseThreshold(target, scores, { kind: 'precision', atLeast: 1 });
  assert.equal(threshold, 0.8);
  assert.throws(() => chooseThreshold([1, 1], [0, 1], { kind: 'f1' }), { code: 'E-LEARN-005' });
});

test('conformal margins keep their promise over many draws', () => {
  const random = seededRandom(8);
  const rounds = 4000;
  let [held, quantile, inside, summed] = [0, 0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    const draw = (): number => random.normal();
    const target = Array.from({ length: 19 }, draw);
    const zeros = new Float64Array(19);
    const { lower, upper } = conformalIntervals(
      { predicted: zeros, target },
      Float64Array.of(0),
      0.1,
    );
    const one = draw();
    if (one >= lower[0]! && one <= upper[0]!) held++;
    const bounds = { lower: zeros.map(() => -0.3), upper: zeros.map(() => 0.2), target };
    const moved = conformalQuantiles(
      bounds,
      { lower: Float64Array.of(-0.3), upper: Float64Array.of(0.2) },
      0.1,
    );
    if (one >= moved.lower[0]! && one <= moved.upper[0]!) quantile++;
    const rows = Array.from({ length: 20 }, () => [
      random.uniform(),
      random.uniform(),
      random.uniform(),
    ]);
    const values = Float64Array.from(
      rows.flatMap((row) => row.map((p) => p / (row[0]! + row[1]! + row[2]!))),
    );
    const labels = rows.map(() => random.below(3));
    const probabilities = { rows: 19, columns: 3, values: values.subarray(0, 57) };
    const last = { rows: 1, columns: 3, values: values.subarray(57) };
    const calibration = { probabilities, target: labels.slice(0, 19) };
    inside += conformalSets(calibration, last, 0.1).inside[labels[19]!]!;
    summed += conformalSets(calibration, last, 0.1, 'sum').inside[labels[19]!]!;
  }
  // 18 of 20 exactly for continuous scores; four deviations of a share over 4000 rounds are 0.019.
  for (const count of [held, quantile, inside]) near(count / rounds, 0.9, 0.019);
  // Without its coin this one holds more often than it promises.
  assert.ok(summed / rounds > 0.9 - 0.019);
  assert.equal(conformalMargin([1, 2, 3], 0.1), Infinity);
  assert.throws(() => conformalMargin([1], 0), { code: 'E-LEARN-005' });
  assert.throws(() => conformalMargin([], 0.1), { code: 'E-LEARN-005' });
});
