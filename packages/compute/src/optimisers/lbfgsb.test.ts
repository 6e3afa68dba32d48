import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancelled, seededRandom } from '@backlot/core';
import { gap, randomMatrix } from '../linear-algebra/random-matrix.fixture.ts';
import { minimise } from './lbfgs.ts';
import { lbfgsb, lbfgsbAsync } from './lbfgsb.ts';
import type { Objective } from './minimum.ts';
import { solveSquare } from './solve-square.ts';
import { beale, rosenbrock } from './test-functions.fixture.ts';

const filled = (n: number, value: number): Float64Array => new Float64Array(n).fill(value);

test('Rosenbrock below a bound ends in the corner that its valley reaches first', () => {
  const found = lbfgsb({
    start: Float64Array.of(-1.2, 1),
    upper: Float64Array.of(0.5, Infinity),
    objective: rosenbrock,
    gradientTolerance: 1e-9,
  });
  assert.ok(found.converged);
  assert.ok(gap(found.point, [0.5, 0.25]) < 1e-9);
  assert.ok(Math.abs(found.value - 0.25) < 1e-12);
});

test('ten coordinates with bounds: the value of scipy 1.17.1, in about as many evaluations', () => {
  const upper = Float64Array.from({ length: 10 }, (_, k) => (k % 3 === 0 ? 0.8 : 1.5));
  const found = lbfgsb({
    ...{ start: filled(10, -1), lower: filled(10, -2), upper, objective: rosenbrock },
    gradientTolerance: 1e-6,
  });
  assert.ok(found.converged);
  assert.ok(Math.abs(found.value - 6.001016394606179) < 1e-9 * 6.001016394606179);
  assert.ok(found.evaluations <= 2 * 52, `${found.evaluations}`);
});

test('without bounds it finds what L-BFGS finds', () => {
  for (const [objective, start] of [
    [rosenbrock, filled(20, -1)],
    [beale, Float64Array.of(1, 1)],
  ] as const) {
    const free = minimise({ start, objective, gradientTolerance: 1e-9 });
    const found = lbfgsb({ start, objective, gradientTolerance: 1e-9 });
    assert.ok(found.converged && gap(found.point, free.point) < 1e-6);
  }
});

/** A seeded quadratic with its matrix and slope: x'A x / 2 - b'x. */
function quadratic(n: number, seed: number) {
  const root = randomMatrix(n, n, seed).values;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) matrix[i * n + j]! += root[k * n + i]! * root[k * n + j]!;
    }
    matrix[i * n + i]! += 0.1;
  }
  const right = randomMatrix(n, 1, seed + 1).values.map((value) => 3 * value);
  const objective: Objective = (x, gradient) => {
    let value = 0;
    for (let i = 0; i < n; i++) {
      let curved = 0;
      for (let j = 0; j < n; j++) curved += matrix[i * n + j]! * x[j]!;
      gradient[i] = curved - right[i]!;
      value += x[i]! * (0.5 * curved - right[i]!);
    }
    return value;
  };
  return { matrix, right, objective };
}

/** The only point that meets the conditions of optimality, by trying every set of active bounds. */
function byEnumeration(
  { matrix, right }: { matrix: Float64Array; right: Float64Array },
  lower: Float64Array,
  upper: Float64Array,
): Float64Array {
  const n = right.length;
  for (let code = 0; code < 3 ** n; code++) {
    const place = Array.from({ length: n }, (_, k) => Math.floor(code / 3 ** k) % 3);
    const system = new Float64Array(n * n);
    const side = new Float64Array(n);
    place.forEach((where, k) => {
      if (where === 0) system.set(matrix.subarray(k * n, (k + 1) * n), k * n);
      else system[k * n + k] = 1;
      side[k] = where === 0 ? right[k]! : where === 1 ? lower[k]! : upper[k]!;
    });
    const x = solveSquare(system, side, n);
    const holds = place.every((where, k) => {
      if (where === 0) return x[k]! >= lower[k]! && x[k]! <= upper[k]!;
      let slope = -right[k]!;
      for (let j = 0; j < n; j++) slope += matrix[k * n + j]! * x[j]!;
      return where === 1 ? slope >= 0 : slope <= 0;
    });
    if (holds) return x;
  }
  assert.fail('a convex problem has a solution');
}

test('random quadratics in boxes: the active set that enumeration finds', () => {
  const random = seededRandom(3);
  let active = 0;
  for (let round = 0; round < 25; round++) {
    const n = 2 + (round % 5);
    const problem = quadratic(n, 10 * round);
    const lower = Float64Array.from({ length: n }, () => -random.uniform());
    const upper = lower.map((low) => low + 1.5 * random.uniform());
    const wanted = byEnumeration(problem, lower, upper);
    const { objective } = problem;
    const found = lbfgsb({
      start: filled(n, 0),
      lower,
      upper,
      objective,
      gradientTolerance: 1e-10,
    });
    assert.ok(gap(found.point, wanted) < 1e-7, `round ${round}: ${found.point} ${wanted}`);
    active += wanted.filter((x, k) => x === lower[k] || x === upper[k]).length;
  }
  assert.ok(active > 20);
});

test('the function is never asked outside its bounds, and a fixed coordinate stays', () => {
  const [lower, upper] = [Float64Array.of(0.1, 2, -1), Float64Array.of(0.9, 2, 5)];
  const objective: Objective = (x, gradient) => {
    x.forEach((value, k) => {
      assert.ok(value >= lower[k]! && value <= upper[k]!, `${k}: ${value}`);
    });
    // The logarithm has no value outside.
    gradient.set([1 / x[0]! - 3, 2 * x[1]!, 2 * (x[2]! - 7)]);
    return Math.log(x[0]!) - 3 * x[0]! + x[1]! ** 2 + (x[2]! - 7) ** 2;
  };
  const found = lbfgsb({ start: Float64Array.of(-4, 0, 9), lower, upper, objective });
  assert.deepEqual([...found.point], [0.1, 2, 5]);
  assert.equal(found.reason, 'gradient');
});

test('a later answer gives the same bytes; a signal, a bound on iterations, a start without value', async () => {
  const common = { start: filled(4, -1), upper: filled(4, 0.7) };
  const now = lbfgsb({ ...common, objective: rosenbrock });
  const later = await lbfgsbAsync({
    ...common,
    objective: async (x, gradient) => rosenbrock(x, gradient),
  });
  assert.deepEqual(later, now);
  const short = lbfgsb({ ...common, objective: rosenbrock, maxIterations: 2 });
  assert.deepEqual([short.converged, short.reason, short.iterations], [false, 'iterations', 2]);
  const signal = AbortSignal.abort();
  assert.throws(() => lbfgsb({ ...common, objective: rosenbrock, signal }), Cancelled);
  assert.throws(() => lbfgsb({ ...common, objective: () => Number.NaN }), {
    code: 'E-COMPUTE-011',
  });
});
