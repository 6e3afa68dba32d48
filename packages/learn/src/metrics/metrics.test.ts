import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { matrixFromRows } from '../matrix.ts';
import {
  accuracy,
  balancedAccuracy,
  brierScore,
  classScores,
  confusionMatrix,
  logLoss,
  macroF1,
  matthewsCorrelation,
} from './classification.ts';
import { adjustedRandIndex, normalisedMutualInformation, silhouette } from './clusters.ts';
import { averagePrecision, macroAuc, reliability, rocAuc } from './curves.ts';
import { groupNdcg, meanReciprocalRank, ndcg } from './ranking.ts';
import {
  gammaDeviance,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  medianAbsoluteError,
  pinballLoss,
  poissonDeviance,
  r2,
  rootMeanSquaredError,
} from './regression.ts';

// Expected numbers were computed with scikit-learn 1.9.1 on the same rows; both sum a few doubles.
const close = (found: number, expected: number): void =>
  assert.ok(Math.abs(found - expected) < 1e-12, `${found}, expected ${expected}`);

const y = [3, 0.5, 2, 7, 4.2, 1];
const p = [2.5, 0.7, 2, 8, 3.9, 1.5];
const w = [1, 2, 1, 0.5, 3, 1];
const labels = [0, 1, 2, 2, 1, 0, 2, 1, 0, 2];
const named = [0, 2, 2, 2, 1, 1, 2, 0, 0, 1];
const weights = [1, 2, 1, 1, 0.5, 1, 3, 1, 1, 2];
const probabilities = matrixFromRows([
  [0.7, 0.2, 0.1],
  [0.2, 0.3, 0.5],
  [0.1, 0.2, 0.7],
  [0.2, 0.2, 0.6],
  [0.3, 0.5, 0.2],
  [0.3, 0.4, 0.3],
  [0.1, 0.1, 0.8],
  [0.5, 0.3, 0.2],
  [0.6, 0.2, 0.2],
  [0.2, 0.5, 0.3],
]);
const positive = [0, 1, 1, 0, 1, 0, 1, 0, 1, 1];
const scores = [0.1, 0.4, 0.35, 0.8, 0.7, 0.4, 0.9, 0.2, 0.4, 0.6];

test('errors of numbers are those of scikit-learn', () => {
  close(meanSquaredError(y, p, w), 0.15882352941176478);
  close(rootMeanSquaredError(y, p, w), 0.39852669849304295);
  close(meanAbsoluteError(y, p, w), 0.32941176470588246);
  close(meanAbsolutePercentageError(y, p, w), 0.2061624649859944);
  close(r2(y, p, w), 0.9536756691292236);
  close(poissonDeviance(y, p, w), 0.06386538837730689);
  close(gammaDeviance(y, p, w), 0.04800873656824883);
  close(pinballLoss(y, p, 0.3, w), 0.16470588235294123);
  close(medianAbsoluteError([1, 2, 3], [1, 1, 8]), 1);
});

test('measures of classes are those of scikit-learn', () => {
  close(accuracy(labels, named, weights), 0.5555555555555556);
  close(macroF1(labels, named, 3, weights), 0.5079365079365079);
  close(balancedAccuracy(labels, named, 3, weights), 0.5079365079365079);
  close(matthewsCorrelation(labels, named, 3, weights), 0.2767857142857143);
  close(logLoss(labels, probabilities, weights), 0.7388772004139011);
  close(macroAuc(labels, probabilities), 0.8839285714285713);
  close(rocAuc(positive, scores, weights), 0.7631578947368421);
  close(averagePrecision(positive, scores, weights), 0.8774584175041842);
  assert.deepEqual([...confusionMatrix([0, 1, 1], [1, 1, 0], 2).values], [0, 1, 1, 1]);
  assert.deepEqual(classScores([0, 0, 1], [0, 1, 1], 3)[2], {
    ...{ precision: 0, recall: 0, f1: 0, support: 0 },
  });
  close(
    brierScore(
      [0, 1],
      matrixFromRows([
        [0.8, 0.2],
        [0.5, 0.5],
      ]),
    ),
    (0.08 + 0.5) / 2,
  );
});

test('the area is the share of pairs in order, ties half', () => {
  const random = seededRandom(2);
  for (let round = 0; round < 20; round++) {
    const target = Array.from({ length: 40 }, (_, at) => (at < 2 ? at : random.below(2)));
    const score = target.map(() => random.below(8));
    let [ordered, pairs] = [0, 0];
    target.forEach((a, i) => {
      target.forEach((b, j) => {
        if (a !== 1 || b !== 0) return;
        pairs++;
        ordered += score[i]! > score[j]! ? 1 : score[i] === score[j] ? 0.5 : 0;
      });
    });
    close(rocAuc(target, score), ordered / pairs);
  }
  assert.throws(() => rocAuc([1, 1], [1, 2]), { code: 'E-LEARN-005' });
});

test('agreement of clusterings is that of scikit-learn', () => {
  close(adjustedRandIndex(labels, named), 0.09090909090909091);
  close(
    adjustedRandIndex(
      labels,
      labels.map((label) => 7 - label),
    ),
    1,
  );
  close(normalisedMutualInformation(labels, named), 0.31538983211010146);
  const points = [
    [0, 0],
    [0, 1],
    [1, 0],
    [5, 5],
    [5, 6],
    [6, 5],
    [2, 2],
    [9, 0],
    [8, 1],
    [3, 3.5],
  ];
  close(silhouette(matrixFromRows(points), labels), -0.14114055503641257);
});

test('rankings are measured query by query', () => {
  const groups = { target: [3, 2, 0, 1, 0, 0], scores: [0.2, 0.9, 0.8, 0.1, 1, 2], groups: [4, 2] };
  const found = groupNdcg(groups, 3);
  close(found[0]!, 0.692020210352898);
  close(found[1]!, 1);
  close(ndcg(groups, 3), (0.692020210352898 + 1) / 2);
  close(meanReciprocalRank({ ...groups, target: [0, 0, 1, 0, 0, 0] }), 0.25);
});

test('reliability counts each row in the bin of its probability', () => {
  const { bins, expectedError } = reliability([1, 0, 1, 1], [0.1, 0.1, 0.9, 1], 2);
  assert.deepEqual(
    bins.map(({ share, weight }) => [share, weight]),
    [
      [0.5, 2],
      [1, 2],
    ],
  );
  close(expectedError, 0.5 * 0.4 + 0.5 * 0.05);
});

test('rows that do not match are refused', () => {
  assert.throws(() => accuracy([], []), { code: 'E-LEARN-005' });
  assert.throws(() => meanSquaredError([1], [1, 2]), { code: 'E-LEARN-005' });
  assert.throws(() => r2([1, 2], [1, 2], [1]), { code: 'E-LEARN-005' });
  assert.throws(() => confusionMatrix([3], [0], 2), { code: 'E-LEARN-005' });
});
