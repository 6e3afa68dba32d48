import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import { fit, logisticRegression, predictProbabilities, type SparseMatrix } from '../index.ts';
import type { Matrix } from '../matrix.ts';
import { classExamples } from '../tabular-examples.fixture.ts';

/** Each class's derivative of the losses: rows' (p - 1 for their own class) times the columns. */
async function slopesOf(
  model: Awaited<ReturnType<typeof fit>>,
  features: Matrix,
  target: Float64Array,
) {
  const { values, columns: classes } = await predictProbabilities(model, features);
  const { rows, columns } = features;
  const slopes = new Float64Array(classes * columns);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < classes; k++) {
      const off = values[row * classes + k]! - Number(target[row] === k);
      for (let j = 0; j < columns; j++) {
        slopes[k * columns + j]! += off * features.values[row * columns + j]!;
      }
    }
  }
  return slopes;
}

test('three classes under an absolute penalty meet the conditions of optimality', async () => {
  const examples = classExamples(4, 3, 150);
  const penalty = 5;
  const specification = logisticRegression({ penalty, l1Ratio: 1, tolerance: 1e-14 });
  const model = await fit(specification, examples);
  const slopes = await slopesOf(model, examples.features as Matrix, examples.target!);
  const { data } = model.tensors.coefficients!;
  assert.ok(data.some((value) => value === 0) && data.some((value) => value !== 0));
  data.forEach((value, at) => {
    const off = value === 0 ? Math.abs(slopes[at]!) - penalty : slopes[at]! + Math.sign(value) * 5;
    assert.ok((value === 0 ? off : Math.abs(off)) < 1e-4, `${at}: ${value} ${slopes[at]}`);
  });
});

test('far more sparse columns than rows reach the optimum too', async () => {
  const random = seededRandom(3);
  const [rows, columns] = [80, 1500];
  const dense = new Float64Array(rows * columns);
  const [offsets, indices, values] = [new Int32Array(rows + 1), [] as number[], [] as number[]];
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++) {
      if (random.uniform() > 0.02) continue;
      indices.push(j);
      values.push(1 + random.below(3));
      dense[row * columns + j] = values.at(-1)!;
    }
    offsets[row + 1] = indices.length;
  }
  const features: SparseMatrix = {
    ...{ rows, columns, offsets },
    ...{ indices: Int32Array.from(indices), values: Float64Array.from(values) },
  };
  const target = Float64Array.from({ length: rows }, (_, row) => row % 2);
  const specification = logisticRegression({ penalty: 0.5, tolerance: 1e-14, maxIterations: 5000 });
  const model = await fit(specification, { features, target });
  assert.equal(model.facts!.converged, true);
  const slopes = await slopesOf(model, { rows, columns, values: dense }, target);
  model.tensors.coefficients!.data.forEach((value, j) => {
    assert.ok(Math.abs(slopes[columns + j]! + 0.5 * value) < 1e-4, `${j}: ${slopes[columns + j]}`);
  });
});
