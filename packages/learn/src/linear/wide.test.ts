import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@backlot/core';
import {
  elasticNet,
  fit,
  lasso,
  linearSvm,
  linearSvr,
  logisticRegression,
  poissonRegression,
  type SparseMatrix,
  type Specification,
  type TabularModel,
} from '../index.ts';
import { densify, type Matrix } from '../matrix.ts';

/** Seeded rows of mostly zeros; columns from `filled` on are empty. */
function sparseRows(rows: number, filled: number, columns: number, seed: number): SparseMatrix {
  const random = seededRandom(seed);
  const [offsets, indices, values] = [new Int32Array(rows + 1), [] as number[], [] as number[]];
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < filled; j++) {
      if (random.uniform() > 0.15) continue;
      indices.push(j);
      values.push(random.normal());
    }
    offsets[row + 1] = indices.length;
  }
  const entries = { indices: Int32Array.from(indices), values: Float64Array.from(values) };
  return { rows, columns, offsets, ...entries };
}

const [rows, filled] = [240, 30];
const narrow = sparseRows(rows, filled, filled, 1);
const wide: SparseMatrix = { ...narrow, columns: 300 };
const random = seededRandom(2);
const scores = Float64Array.from({ length: rows }, (_, row) => {
  let score = 0.3 * random.normal();
  for (let at = narrow.offsets[row]!; at < narrow.offsets[row + 1]!; at++) {
    score += narrow.values[at]! * (narrow.indices[at]! % 3) * 0.5;
  }
  return score;
});
const classes = (count: number) =>
  scores.map((score) => Math.max(0, Math.min(count - 1, Math.floor(score + 1))));
const weights = Float64Array.from({ length: rows }, (_, row) => (row % 4) / 2);

function numbersOf(model: TabularModel, name: string): Float64Array {
  return model.tensors[name]!.data as Float64Array;
}

// Empty columns send the same rows to the solvers for wide ones; the narrow solvers know the answer.
const cases: readonly [string, Specification, Float64Array, number][] = [
  ['logistic', logisticRegression({ tolerance: 1e-13 }), classes(2), 1e-5],
  ['softmax', logisticRegression({ penalty: 2, tolerance: 1e-13 }), classes(4), 1e-4],
  ['l1', logisticRegression({ penalty: 2, l1Ratio: 1, tolerance: 1e-13 }), classes(2), 1e-5],
  ['l1 + l2', logisticRegression({ penalty: 3, l1Ratio: 0.6, tolerance: 1e-13 }), classes(3), 1e-4],
  ['no intercept', logisticRegression({ intercept: false, tolerance: 1e-13 }), classes(2), 1e-5],
  ['poisson', poissonRegression({ penalty: 0.1 }), scores.map((s) => Math.round(s * s)), 1e-4],
  ['squared hinge', linearSvm({ penalty: 0.5 }), classes(2), 1e-3],
  ['squared hinge of 3', linearSvm({ penalty: 5 }), classes(3), 1e-3],
  ['hinge', linearSvm({ penalty: 4, loss: 'hinge' }), classes(2), 2e-2],
  ['squared errors', linearSvr({ penalty: 2, width: 0.1 }), scores, 1e-4],
  ['errors', linearSvr({ penalty: 4, loss: 'insensitive' }), scores, 1e-2],
];
for (const [name, specification, target, tolerance] of cases) {
  for (const own of [undefined, weights]) {
    test(`${name}${own ? ', weighted' : ''}: wide rows give what narrow ones give`, async () => {
      const beside = { target, ...(own && { weights: own }) };
      const known = await fit(specification, { features: narrow, ...beside });
      const found = await fit(specification, { features: wide, ...beside }, { threads: 2 });
      const outputs = numbersOf(known, 'intercepts').length;
      const [a, b] = [numbersOf(known, 'coefficients'), numbersOf(found, 'coefficients')];
      for (let k = 0; k < outputs; k++) {
        for (let j = 0; j < 300; j++) {
          const wanted = j < filled ? a[k * filled + j]! : 0;
          const off = Math.abs(b[k * 300 + j]! - wanted);
          assert.ok(off <= tolerance, `${k} ${j}: ${b[k * 300 + j]} ${wanted}`);
        }
      }
      const [p, q] = [numbersOf(known, 'intercepts'), numbersOf(found, 'intercepts')];
      // What all intercepts of softmax share is open.
      for (let k = 1; k < outputs; k++) {
        assert.ok(Math.abs(p[k]! - p[0]! - q[k]! + q[0]!) <= 2 * tolerance, `intercept ${k}`);
      }
      if (outputs === 1) assert.ok(Math.abs(p[0]! - q[0]!) <= 2 * tolerance);
    });
  }
}

test('wide rows give the same bytes for any number of threads', async () => {
  const features = sparseRows(700, 400, 400, 5);
  assert.ok(features.values.length > 20_000);
  const target = Float64Array.from({ length: 700 }, (_, row) => (row * row) % 3);
  for (const specification of [logisticRegression(), linearSvm()]) {
    const models = await Promise.all(
      [1, 2].map((threads) => fit(specification, { features, target }, { threads })),
    );
    assert.deepEqual(models[0]!.tensors, models[1]!.tensors);
  }
});

test('where the dual does not end, Newton ends what it began', async () => {
  const features = sparseRows(700, 250, 250, 8);
  assert.ok(features.values.length > 20_000);
  const draws = seededRandom(9);
  const target = Float64Array.from({ length: 700 }, () => draws.below(2));
  const model = await fit(linearSvm({ penalty: 1e-7 }), { features, target }, { threads: 2 });
  assert.equal(model.facts!.converged, true);
  // A hinge that is left open is said to be.
  const hinge = linearSvm({ penalty: 1e-7, loss: 'hinge' });
  const open = await fit(hinge, { features, target }, { threads: 2 });
  assert.equal(open.facts!.converged, false);
  const w = numbersOf(model, 'coefficients');
  const b = numbersOf(model, 'intercepts')[0]!;
  // The slopes of the sum of squared hinges: with next to no penalty, next to nothing.
  const slopes = new Float64Array(251);
  for (let row = 0; row < 700; row++) {
    const y = target[row] === 1 ? 1 : -1;
    let score = b;
    const [from, to] = [features.offsets[row]!, features.offsets[row + 1]!];
    for (let at = from; at < to; at++) score += features.values[at]! * w[features.indices[at]!]!;
    const slope = -2 * y * Math.max(0, 1 - y * score);
    for (let at = from; at < to; at++) {
      slopes[features.indices[at]!]! += slope * features.values[at]!;
    }
    slopes[250]! += slope;
  }
  slopes.forEach((slope, j) => {
    assert.ok(Math.abs(slope) < 1e-3, `${j}: ${slope}`);
  });
});

test('an absolute penalty on far more columns than rows meets the conditions of optimality', async () => {
  const features = sparseRows(90, 2000, 2000, 6);
  const target = Float64Array.from({ length: 90 }, (_, row) => row % 2);
  const penalty = 1.5;
  const specification = logisticRegression({ penalty, l1Ratio: 1, tolerance: 1e-14 });
  const model = await fit(specification, { features, target });
  assert.equal(model.facts!.converged, true);
  const w = numbersOf(model, 'coefficients');
  const slopes = new Float64Array(2001);
  for (let row = 0; row < 90; row++) {
    let score = numbersOf(model, 'intercepts')[0]!;
    const [from, to] = [features.offsets[row]!, features.offsets[row + 1]!];
    for (let at = from; at < to; at++) score += features.values[at]! * w[features.indices[at]!]!;
    const off = 1 / (1 + Math.exp(-score)) - target[row]!;
    for (let at = from; at < to; at++) slopes[features.indices[at]!]! += off * features.values[at]!;
    slopes[2000]! += off;
  }
  assert.ok(Math.abs(slopes[2000]!) < 1e-5);
  const count = w.filter((value) => value !== 0).length;
  assert.ok(count > 5 && count < 90, `${count}`);
  w.forEach((value, j) => {
    const off = Math.abs(slopes[j]! + Math.sign(value) * penalty);
    assert.ok(value === 0 ? Math.abs(slopes[j]!) <= penalty + 1e-6 : off < 1e-5, `${j} ${off}`);
  });
});

/** The same rows with empty columns beside them, too many for products of all pairs. */
const veryWide: SparseMatrix = { ...narrow, columns: 2200 };
const writtenOut = (features: SparseMatrix): Matrix => densify(features);

for (const own of [undefined, weights]) {
  test(`elastic nets of wide rows${own ? ', weighted' : ''} are those of narrow ones`, async () => {
    const beside = { target: scores, ...(own && { weights: own }) };
    for (const specification of [
      elasticNet({ penalty: 0.05, l1Ratio: 0.7 }),
      lasso({ penalty: 0.02 }),
      elasticNet({ penalty: 0.1, intercept: false }),
      lasso({ steps: 12, folds: 3 }),
    ]) {
      const known = await fit(specification, { features: narrow, ...beside }, { seed: 3 });
      for (const features of [veryWide, writtenOut(veryWide)]) {
        const found = await fit(specification, { features, ...beside }, { seed: 3 });
        const [a, b] = [numbersOf(known, 'coefficients'), numbersOf(found, 'coefficients')];
        b.forEach((value, j) => {
          assert.ok(Math.abs(value - (a[j] ?? 0)) < 1e-5, `${j}: ${value} ${a[j]}`);
        });
        const [p, q] = [numbersOf(known, 'intercepts')[0]!, numbersOf(found, 'intercepts')[0]!];
        assert.ok(Math.abs(p - q) < 1e-5);
        assert.deepEqual(
          found.facts?.penalty && (found.facts.penalty as number).toPrecision(9),
          known.facts?.penalty && (known.facts.penalty as number).toPrecision(9),
        );
      }
    }
  });
}
